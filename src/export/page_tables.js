/* export/page_tables.js - tables that sort, by any column's head. */
(function () {
	function sort(table, column, head) {
		const body = table.tBodies[0], rows = Array.from(body.rows);
		const first = /accuracy|rate/.test(head.textContent) ? 'descending' : 'ascending';
		const now = head.getAttribute('aria-sort'), way = !now ? first : now === 'ascending' ? 'descending' : 'ascending';
		const value = row => {
			const cell = row.cells[column];
			return cell.dataset.v !== undefined ? +cell.dataset.v : cell.classList.contains('none') ? null : cell.textContent;
		};
		for (const other of head.parentNode.cells) other.removeAttribute('aria-sort');
		head.setAttribute('aria-sort', way);
		rows.sort((p, q) => {
			const a = value(p), b = value(q), turn = way === 'ascending' ? 1 : -1;
			if (a === null || b === null) return (a === null) - (b === null); /* what is unknown is last either way */
			return turn * (typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), undefined, {numeric: true}));
		});
		for (const row of rows) body.appendChild(row);
	}
	for (const table of document.querySelectorAll('table.sortable'))
		Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
			const button = parts.element('button', {type: 'button'}, null, head.textContent);
			head.textContent = '';
			head.appendChild(button);
			button.addEventListener('click', () => sort(table, column, head));
		});
})();
