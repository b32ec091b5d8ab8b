/* data/block.c - files mapped read-only, and memory behind the same face.
 *
 * A mapped data set costs no memory of its own: the kernel's page cache holds it once for all
 * versions and all programs, and lets go of it when memory is short. What a mapping cannot do is
 * survive a file that someone cuts short while it is in use; whoever replaces a data file should
 * write a new one and rename it, as samples/get-data.sh does.
 */
#include "config.h"
#include "data/block.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static int failed(struct lepton_error *err, const char *operation, const char *path)
{
	int saved = errno;
	return lepton_error_set(err, LEPTON_E_IO, "cannot %s %s: %s", operation, path, strerror(saved));
}

static int map_open_file(int fd, const char *path, struct lepton__block *out, struct lepton_error *err)
{
	struct stat info;
	if (fstat(fd, &info))
		return failed(err, "look at", path);
	if (!S_ISREG(info.st_mode))
		return lepton_error_set(err, LEPTON_E_DATA, "%s: not a regular file", path);
	if (info.st_size == 0)
		return LEPTON_OK; /* nothing to map */
	void *mapping = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (mapping == MAP_FAILED)
		return failed(err, "map", path);
	*out = (struct lepton__block){.bytes = mapping, .size = (size_t)info.st_size, .mapping = mapping};
	return LEPTON_OK;
}

int lepton__block_map(const char *path, struct lepton__block *out, struct lepton_error *err)
{
	*out = (struct lepton__block){0};
	/* O_NONBLOCK: a named pipe must be refused, not waited for. */
	int fd = lepton__io.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
	if (fd < 0)
		return errno == ENOENT ? LEPTON_E_NOTFOUND : failed(err, "open", path);
	int code = map_open_file(fd, path, out, err);
	lepton__io.close(fd); /* nothing was written, so its result says nothing */
	return code;
}

int lepton__block_new(size_t size, struct lepton__block *out, uint8_t **bytes, struct lepton_error *err)
{
	uint8_t *memory = lepton__malloc(size);
	if (!memory)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for %zu bytes of data", size);
	*out = (struct lepton__block){.bytes = memory, .size = size, .memory = memory};
	*bytes = memory;
	return LEPTON_OK;
}

int lepton__block_copy(const void *from, size_t size, struct lepton__block *out, struct lepton_error *err)
{
	uint8_t *to = NULL;
	int code = lepton__block_new(size, out, &to, err);
	if (!code)
		memcpy(to, from, size);
	return code;
}

void lepton__block_free(struct lepton__block *block)
{
	if (block->mapping)
		munmap(block->mapping, block->size);
	lepton__free(block->memory);
	*block = (struct lepton__block){0};
}
