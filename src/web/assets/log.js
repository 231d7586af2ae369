// SPDX-License-Identifier: GPL-2.0-or-later
// The log: only the rows in sight are in the document; their records come in blocks as they are scrolled to.
import { el, clear, num, clock } from '/draw.js';

const HEIGHT = 28, BLOCK = 100, BLOCKS = 60;
const words = { block: 'stopped', log: 'would be', allow: 'passed' };
let stop = null;

function cells(r) {
	return [clock(r.time || r.last), words[r.verdict] || '', r.device || r.src || r.client || '', r.app || '', r.role || '',
		r.name || r.qname || r.dst || ''];
}

export async function logPage(get, nowhere, days) {
	if (stop) stop();
	const query = new URLSearchParams(location.search);
	const count = el('p', { class: 'soft', role: 'status' }), detail = el('div', { class: 'detail', hidden: '' });
	const field = (label, key) => {
		const input = el('input', { name: key, value: query.get(key) || '', size: 14, autocomplete: 'off', spellcheck: 'false' });
		return el('label', {}, label, input);
	};
	const select = el('select', { name: 'verdict' }, ...[['', 'all'], ['block', 'stopped'], ['log', 'would be stopped'], ['allow', 'let through']]
		.map(([v, t]) => el('option', query.get('verdict') === v ? { value: v, selected: '' } : { value: v }, t)));
	const hold = el('input', { type: 'checkbox' });
	const file = el('input', { type: 'checkbox' }); // the file has what is older than this page's server
	file.addEventListener('change', () => { box.scrollTop = 0; load(); });
	const form = el('form', { role: 'search' }, field('Name, and below', 'name'), field('Device', 'device'), field('App', 'app'), field('For', 'role'),
		el('label', {}, 'Became', select), el('button', {}, 'Filter'), el('label', { class: 'check' }, hold, 'Hold'),
		days ? el('label', { class: 'check' }, file, `The last ${days} days, from the file`) : '');
	const space = el('div', { role: 'presentation' });
	const box = el('div', { class: 'rows', tabindex: '0', role: 'table', 'aria-label': 'Records, newest first' }, space);
	let blocks = new Map(), total = 0, upto = 0, turn = 0, timer = 0;

	const url = skip => {
		const q = new URLSearchParams([...new FormData(form)].filter(([, v]) => v));
		q.set('skip', skip); q.set('limit', BLOCK);
		if (upto) q.set('upto', upto);
		return `/api/v1/${file.checked ? 'history' : 'log'}?` + q;
	};
	async function block(i) {
		if (blocks.has(i)) return blocks.get(i);
		const of = turn;
		blocks.set(i, null);
		try {
			const r = await get(url(i * BLOCK));
			if (of !== turn) return null;
			blocks.set(i, r.rows);
			if (blocks.size > BLOCKS) blocks.delete(blocks.keys().next().value);
			paint();
		} catch { blocks.delete(i); }
		return null;
	}
	function paint() {
		const first = Math.max(0, Math.floor(box.scrollTop / HEIGHT) - 10), last = Math.min(total, first + Math.ceil(box.clientHeight / HEIGHT) + 20);
		const out = [];
		for (let i = first; i < last; i++) {
			const b = blocks.get(Math.floor(i / BLOCK)), r = b && b[i % BLOCK];
			if (b === undefined) block(Math.floor(i / BLOCK));
			const row = el('div', { class: 'row', role: 'row', 'aria-rowindex': i + 1 },
				...(r ? cells(r) : ['…', '', '', '', '', '']).map((t, c) => el('span', { role: 'cell', title: t,
					class: c === 1 && r ? (r.verdict === 'block' ? 'stop' : r.verdict === 'log' ? 'pass' : 'soft') : '' }, t)));
			row.style.top = i * HEIGHT + 'px';
			if (r) row.addEventListener('click', () => { detail.hidden = false; detail.textContent = JSON.stringify(r, null, 1); });
			out.push(row);
		}
		clear(space, ...out);
	}
	async function load() {
		const of = ++turn;
		upto = 0;
		try {
			const r = await get(url(0));
			if (of !== turn) return;
			blocks = new Map([[0, r.rows]]);
			total = r.total; upto = r.upto;
			space.style.height = total * HEIGHT + 'px';
			box.setAttribute('aria-rowcount', total);
			clear(count, total ? `${num(total)} records` : nowhere());
			paint();
		} catch (e) { count.textContent = e.message; }
	}
	box.addEventListener('scroll', () => requestAnimationFrame(paint));
	form.addEventListener('submit', e => {
		e.preventDefault();
		history.replaceState(null, '', '/log?' + new URLSearchParams([...new FormData(form)].filter(([, v]) => v)));
		box.scrollTop = 0;
		load();
	});
	const news = () => { // at the top, and not held: follow
		if (timer || hold.checked || file.checked || box.scrollTop > HEIGHT) return;
		timer = setTimeout(() => { timer = 0; if (box.isConnected && !hold.checked && box.scrollTop <= HEIGHT) load(); }, 1000);
	};
	addEventListener('tacet-record', news);
	stop = () => { removeEventListener('tacet-record', news); stop = null; };
	load();
	return [el('h1', {}, 'Log'), form, count, box, detail];
}
