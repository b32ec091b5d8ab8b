"""Images moved, turned and zoomed by scipy, for tests/test_model_augment.c.

Run: /usr/bin/python3 tests/oracles/warp_scipy.py > tests/oracles/warp_scipy.h   (Debian: python3-scipy)
scipy.ndimage.affine_transform does the interpolating; its "grid-constant" is a constant outside that takes part in it.
What a factor means is from Keras's documentation: a share of the height moves down, a share of the width to the right, a
share of a whole turn turns counter-clockwise, and a zoom of f shows 1 + f of the image. Maps go from output to input.
"""
import numpy as np
import scipy
from scipy.ndimage import affine_transform

HEIGHT, WIDTH, CHANNELS = 6, 7, 2


def image(seed):
    out = np.empty(HEIGHT * WIDTH * CHANNELS)
    for i in range(out.size):
        seed = (seed * 1664525 + 1013904223) % 2**32
        out[i] = np.float32(seed >> 8) / np.float32(16777216) - np.float32(0.5)
    return out.reshape(HEIGHT, WIDTH, CHANNELS)


def about_middle(matrix):
    middle = np.array([(HEIGHT - 1) / 2, (WIDTH - 1) / 2])
    return matrix, middle - matrix @ middle


def translation(down, right):
    return np.eye(2), -np.array([down * HEIGHT, right * WIDTH])


def rotation(share):
    a = 2 * np.pi * share  # with rows downwards, turning back is clockwise
    return about_middle(np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]))


def zoom(height, width):
    return about_middle(np.diag([1 + height, 1 + width]))


CASES = [
    ("RandomTranslation", {"height_factor": 0.23, "width_factor": -0.4}, translation(0.23, -0.4), "constant", 0.0),
    ("RandomTranslation", {"height_factor": -0.61, "width_factor": 0.11}, translation(-0.61, 0.11), "nearest", 0.0),
    ("RandomRotation", {"factor": 0.07}, rotation(0.07), "constant", 0.0),
    ("RandomRotation", {"factor": -0.31}, rotation(-0.31), "constant", 0.75),
    ("RandomRotation", {"factor": 0.13}, rotation(0.13), "nearest", 0.0),
    ("RandomZoom", {"height_factor": 0.35}, zoom(0.35, 0.35), "constant", -0.5),
    ("RandomZoom", {"height_factor": 0.2, "width_factor": -0.45}, zoom(0.2, -0.45), "nearest", 0.0),
]

print(f"/* Made by warp_scipy.py with scipy {scipy.__version__}; do not edit. */")
print("static const struct {\n\tconst char *layer;\n\tdouble want[%d];\n} scipy_cases[] = {" % (HEIGHT * WIDTH * CHANNELS))
x = image(5)
for name, factors, (matrix, offset), mode, value in CASES:
    y = np.stack([affine_transform(x[..., c], matrix, offset, order=1, cval=value,
                                   mode="grid-constant" if mode == "constant" else mode)
                  for c in range(CHANNELS)], axis=-1)
    keys = "".join(f',\\"{k}\\":[{v},{v}]' for k, v in factors.items())
    print(f'\t{{"{{\\"type\\":\\"{name}\\"{keys},\\"fill_mode\\":\\"{mode}\\",\\"fill_value\\":{value}}}",')
    print("\t\t{" + ", ".join(f"{v:.9g}" for v in y.ravel()) + "}},")
print("};")
