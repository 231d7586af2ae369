// SPDX-License-Identifier: GPL-2.0-or-later
// The filter over the rows; without it the page shows all of them.
'use strict';
const form = document.getElementById('filter');
if (form) {
	const at = id => document.getElementById(id);
	const rows = [...at('rows').tBodies[0].rows].map(tr => ({
		tr, text: tr.textContent.toLowerCase(), role: tr.cells[2].textContent, home: tr.className }));
	const show = () => {
		const words = at('words').value.toLowerCase().split(/\s+/), role = at('role').value, home = at('home').value;
		let n = 0;
		for (const r of rows) {
			const on = words.every(w => r.text.includes(w)) && (!role || r.role === role) && (!home || r.home === home);
			r.tr.hidden = !on;
			n += on;
		}
		at('shown').textContent = `${n} of ${rows.length} rows`;
	};
	form.hidden = false;
	form.addEventListener('input', show);
	form.addEventListener('submit', e => e.preventDefault());
	show();
}
