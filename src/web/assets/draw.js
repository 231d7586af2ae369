// SPDX-License-Identifier: GPL-2.0-or-later
// Elements, numbers, tables and charts. Text from the network only ever becomes text nodes.
const SVG = 'http://www.w3.org/2000/svg';

export function el(tag, attributes, ...children) {
	const e = document.createElement(tag);
	for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
	e.append(...children);
	return e;
}

function svg(tag, attributes, ...children) {
	const e = document.createElementNS(SVG, tag);
	for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
	e.append(...children);
	return e;
}

export function clear(at, ...children) { at.replaceChildren(...children); }
export const num = n => Number(n).toLocaleString('en');
export function bytes(n) {
	let i = 0;
	while (n >= 1000 && i < 5) { n /= 1000; i++; }
	return (i && n < 10 ? n.toFixed(1) : Math.round(n)) + ' ' + ['B', 'kB', 'MB', 'GB', 'TB', 'PB'][i];
}
export const clock = t => new Date(t).toLocaleTimeString('en-GB');
// With the day where it is not today.
export function when(t) {
	const d = new Date(t);
	return d.toDateString() === new Date().toDateString() ? clock(t) :
		d.toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).replace(',', '');
}

// What names are for, in the words of the report.
export const roles = { telemetry: 'telemetry', analytics: 'analytics', ads: 'advertising', acr: 'screen recognition', crash: 'crash reports',
	experiment: 'experiments', identity: 'household checks', bypass: 'ways around DNS', content: 'content', auth: 'sign-in',
	api: 'the app\'s own service', drm: 'copy protection', artwork: 'pictures', update: 'updates', time: 'the time' };
export const role = r => roles[r] || r || '';

// columns: [title, row => text or element, class]
// Names break behind their dots.
export function name(n) {
	return n.split(/(?<=\.)/).flatMap((part, i) => i ? [el('wbr', {}), part] : [part]);
}

export function table(title, rows, columns) {
	return el('div', { class: 'wide', tabindex: '0', role: 'region', 'aria-label': title }, el('table', {},
		el('thead', {}, el('tr', {}, ...columns.map(c => el('th', { scope: 'col', class: c[2] || '' }, c[0])))),
		el('tbody', {}, ...rows.map(r => el('tr', {}, ...columns.map(c => el('td', { class: c[2] || '' }, c[1](r))))))));
}

export function spark(counts) {
	const most = Math.max(1, ...counts), n = counts.length;
	return svg('svg', { width: n * 4, height: 18, role: 'img', 'aria-label': `at most ${most} contacts at a time` },
		...counts.map((c, i) => svg('rect', { class: 'spark', x: i * 4, width: 3, y: 18 - Math.max(c ? 1.5 : 0.5, 18 * c / most),
			height: Math.max(c ? 1.5 : 0.5, 18 * c / most) })));
}

// minutes: [seconds, allowed, logged, blocked]. The last hour by minutes, or the day by quarters of an hour.
export function chart(minutes) {
	const now = Math.floor(Date.now() / 60000) * 60, old = minutes.length ? now - minutes[0][0] : 0;
	const step = old < 3600 ? 60 : 900, n = old < 3600 ? 60 : 96, end = Math.floor(now / step) * step;
	const at = Array.from({ length: n }, () => [0, 0]);
	for (const m of minutes) {
		const i = n - 1 - (end - Math.floor(m[0] / step) * step) / step;
		if (i >= 0 && i < n) { at[i][0] += m[3]; at[i][1] += m[2]; }
	}
	const most = Math.max(1, ...at.map(a => a[0] + a[1])), w = 1000 / n, h = 130;
	const stopped = at.reduce((s, a) => s + a[0], 0), through = at.reduce((s, a) => s + a[1], 0);
	const span = step === 60 ? 'The last hour by minutes' : 'The last 24 hours by quarters of an hour';
	const top = `${num(most)} ${step === 60 ? 'a minute' : 'in a quarter of an hour'}`;
	const words = `${span}: ${num(stopped)} stopped, ${num(through)} let through; at most ${top}.`;
	const s = svg('svg', { class: 'chart', viewBox: '0 0 1000 130', preserveAspectRatio: 'none', role: 'img', 'aria-label': words },
		svg('line', { class: 'axis', x1: 0, x2: 1000, y1: 0, y2: 0 }), svg('line', { class: 'axis', x1: 0, x2: 1000, y1: h, y2: h }));
	at.forEach(([stop, pass], i) => {
		const a = h * stop / most, b = h * pass / most;
		if (stop) s.append(svg('rect', { class: 'bar-stop', x: i * w + w * 0.1, width: w * 0.8, y: h - a, height: a }));
		if (pass) s.append(svg('rect', { class: 'bar-pass', x: i * w + w * 0.1, width: w * 0.8, y: h - a - b, height: b }));
	});
	const key = kind => el('span', { class: `key ${kind}` });
	const ticks = step === 60 ? ['an hour ago', '45 minutes', '30 minutes', '15 minutes', 'now'] : ['24 hours ago', '18 hours', '12 hours', '6 hours', 'now'];
	return el('figure', {}, el('div', { class: 'most', 'aria-hidden': 'true' }, stopped + through ? top : ''), s,
		el('div', { class: 'ticks', 'aria-hidden': 'true' }, ...ticks.map(t => el('span', {}, t))),
		el('figcaption', { class: 'soft' }, `${span}: `, key('bar-stop'), `${num(stopped)} stopped, `, key('bar-pass'), `${num(through)} let through.`));
}
