// SPDX-License-Identifier: GPL-2.0-or-later
// The log: only the rows in sight are in the document; their records come in blocks as they are scrolled to.
import { el, clear, num, when, role, roles } from '/draw.js';

const HEIGHT = 28, BLOCK = 100, BLOCKS = 60;
const words = { block: 'stopped', log: 'would be stopped', allow: 'let through' };
const heads = ['Time', 'Became', 'Device', 'App', 'For', 'Name'];
let stop = null;

function cells(r) {
	const became = words[r.verdict] || '';
	return [when(r.time || r.last), matchMedia('(max-width: 900px)').matches ? became.replace('be stopped', 'be') : became, r.device || r.src || r.client || '', r.app || '', role(r.role),
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
	const choice = (label, key, options) => el('label', {}, label, el('select', { name: key }, ...[['', 'all'], ...options]
		.map(([v, t]) => el('option', query.get(key) === v ? { value: v, selected: '' } : { value: v }, t))));
	const hold = el('input', { type: 'checkbox' });
	const file = el('input', { type: 'checkbox' }); // the file has what is older than this page's server
	file.addEventListener('change', () => { box.scrollTop = 0; load(); });
	const form = el('form', { role: 'search' }, field('Name, and below', 'name'), field('Device', 'device'), field('App', 'app'),
		choice('For', 'role', Object.entries(roles)), choice('Became', 'verdict', Object.entries(words)), el('button', {}, 'Filter'), el('label', { class: 'check' }, hold, 'Hold'),
		days ? el('label', { class: 'check' }, file, `The last ${days} days, from the file`) : '');
	const space = el('div', { class: 'space', role: 'rowgroup' });
	const head = el('div', { class: 'head', role: 'row', 'aria-rowindex': 1 }, ...heads.map(t => el('span', { role: 'columnheader' }, t)));
	const box = el('div', { class: 'rows', tabindex: '0', role: 'grid', 'aria-label': 'Records, newest first' }, el('div', { role: 'rowgroup' }, head), space);
	let blocks = new Map(), total = 0, upto = 0, turn = 0, timer = 0, at = -1; // at: the selected row

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
	const record = i => (blocks.get(Math.floor(i / BLOCK)) || [])[i % BLOCK];
	function select(i) {
		at = Math.max(0, Math.min(total - 1, i));
		const y = at * HEIGHT, room = box.clientHeight - 2 * HEIGHT;
		if (y < box.scrollTop || y > box.scrollTop + room) box.scrollTop = y < box.scrollTop ? y : y - room;
		box.setAttribute('aria-activedescendant', `row-${at}`);
		paint();
	}
	function unselect() {
		at = -1;
		box.removeAttribute('aria-activedescendant');
		paint();
	}
	function paint() {
		const first = Math.max(0, Math.floor(box.scrollTop / HEIGHT) - 10), last = Math.min(total, first + Math.ceil(box.clientHeight / HEIGHT) + 20);
		const out = [];
		for (let i = first; i < last; i++) {
			const r = record(i);
			if (!blocks.has(Math.floor(i / BLOCK))) block(Math.floor(i / BLOCK));
			const row = el('div', { class: 'row', role: 'row', id: `row-${i}`, 'aria-rowindex': i + 2, 'aria-selected': i === at },
				...(r ? cells(r) : ['…', '', '', '', '', '']).map((t, c) => el('span', { role: 'gridcell', title: t,
					class: c === 1 && r ? (r.verdict === 'block' ? 'stop' : r.verdict === 'log' ? 'pass' : 'soft') : '' }, t)));
			row.style.top = i * HEIGHT + 'px';
			row.addEventListener('click', () => i === at ? unselect() : select(i));
			out.push(row);
		}
		clear(space, ...out);
		detail.hidden = at < 0 || !record(at);
		detail.textContent = detail.hidden ? '' : JSON.stringify(record(at), null, 1);
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
			box.setAttribute('aria-rowcount', total + 1);
			clear(count, total ? `${num(total)} ${total === 1 ? 'record' : 'records'}` : nowhere());
			unselect();
		} catch (e) { count.textContent = e.message; }
	}
	const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -Infinity, End: Infinity };
	box.addEventListener('keydown', e => {
		if (e.key === 'Escape') unselect();
		if (!steps[e.key] || !total || e.ctrlKey || e.altKey || e.metaKey) return;
		e.preventDefault();
		select(at < 0 ? 0 : at + steps[e.key]);
	});
	box.addEventListener('scroll', () => requestAnimationFrame(paint));
	form.addEventListener('submit', e => {
		e.preventDefault();
		history.replaceState(null, '', '/log?' + new URLSearchParams([...new FormData(form)].filter(([, v]) => v)));
		box.scrollTop = 0;
		load();
	});
	const news = () => { // at the top, and not held: follow
		if (timer || hold.checked || file.checked || at >= 0 || box.scrollTop > HEIGHT) return;
		timer = setTimeout(() => { timer = 0; if (box.isConnected && !hold.checked && at < 0 && box.scrollTop <= HEIGHT) load(); }, 1000);
	};
	addEventListener('tacet-record', news);
	stop = () => { removeEventListener('tacet-record', news); stop = null; };
	load();
	return [el('h1', {}, 'Log'), form, count, box, detail];
}
