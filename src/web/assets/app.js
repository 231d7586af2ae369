// SPDX-License-Identifier: GPL-2.0-or-later
// The pages: what is asked of /api/v1, drawn; live by /api/v1/events.
import { el, clear, num, bytes, clock, when, role, name, table, spark, chart } from '/draw.js';
import { logPage } from '/log.js';

const main = document.getElementById('main');
let hello = null, stats = null, page = null;

export async function get(path) {
	const r = await fetch(path, { cache: 'no-store' });
	if (r.status === 401) { askToken(); throw new Error('a token is needed'); }
	const body = await r.json();
	if (!r.ok) throw new Error(body.error ? body.error.message : r.status);
	return body;
}

function askToken() {
	document.getElementById('state').textContent = '';
	const input = el('input', { type: 'password', autocomplete: 'current-password', required: '' });
	const form = el('form', {}, el('label', {}, 'Token', input), el('button', {}, 'Open'));
	form.addEventListener('submit', e => {
		e.preventDefault();
		document.cookie = `tacet-token=${input.value}; SameSite=Strict; Path=/`;
		location.reload();
	});
	clear(main, el('h1', {}, 'This tacet asks for its token.'), form);
}

const who = r => r.device || 'unknown device';
const app = r => r.app || 'unknown app';
const nowhere = () => el('p', { class: 'soft' }, !hello || !hello.connected ? 'tacet is not running.' :
	hello.privacy >= 3 ? 'Privacy level 3: tacet tells counters only.' : 'Nothing yet.');

function verdict(r) {
	const words = { block: 'stopped', log: 'would be stopped', allow: 'let through' };
	return el('span', { class: `verdict ${r.verdict === 'block' ? 'stop' : r.verdict === 'log' ? 'pass' : 'soft'}` },
		words[r.verdict] || '');
}

function link(text, query) {
	return el('a', { href: '/log?' + new URLSearchParams(query), 'data-page': '' }, ...(query.name ? name(text) : [text]));
}

// Rules know devices by their name in the configuration, not by an address or a pseudonym.
const named = d => d && !/^device-[0-9a-f]{6}$|:|^[0-9.]+$/.test(d);

// Asks first: what is let through is out of the house.
function allowButton(r) {
	const b = el('button', { type: 'button', class: 'small' }, 'Allow', el('span', { class: 'opt' }, ' 1 hour'));
	b.setAttribute('aria-label', `Allow 1 hour: ${r.name}`);
	b.addEventListener('click', () => {
		const ask = document.getElementById('ask');
		document.getElementById('question').textContent = `Let ${named(r.device) ? r.device : 'all devices'} reach ${r.name}, and what is below it, for an hour?`;
		ask.onclose = () => { if (ask.returnValue === 'yes') order('allow', { name: r.name, seconds: 3600, ...(named(r.device) ? { device: r.device } : {}) }); };
		ask.returnValue = '';
		ask.showModal();
	});
	return b;
}

const columns = {
	device: ['Device', r => link(who(r), { device: r.device || '' })],
	app: ['App', r => r.app ? link(r.app, { app: r.app }) : 'unknown app'],
	name: ['Name', r => el('span', {}, link(r.name, { name: r.name }), // the rest where its columns have no room
		el('small', { class: 'narrow' }, [role(r.role), r.app || 'unknown app', who(r)].filter(Boolean).join(' · '))), 'name'],
	role: ['For', r => role(r.role)],
	verdict: ['Became', verdict],
	rule: ['Rule', r => r.rule ? el('span', {}, ...name(r.rule), el('small', {}, r.list)) : '', 'name'],
	contacts: ['Contacts', r => num(r.contacts), 'n'],
	blocked: ['Stopped', r => num(r.blocked), 'n'],
	rate: ['A minute', r => r.per_minute ? num(r.per_minute) : '', 'n opt'],
	up: ['Sent', r => bytes(r.bytes_out), 'n opt'],
	down: ['Received', r => bytes(r.bytes_in), 'n opt'],
	last: ['Last', r => when(r.last), 'n opt'],
	allow: ['Change', r => r.blocked ? allowButton(r) : ''],
	activity: ['', r => spark(r.activity), 'opt'], // over all that is kept
};
// "app?": not on a telephone; "app!": on a wide screen alone.
const cols = names => names.split(' ').filter(n => n !== 'allow' || hello && hello.control).map(n => {
	const [title, cell, kind] = columns[n.replace(/[?!]/, '')];
	return [title || span().replace('the l', 'L'), cell, `${kind || ''}${n.endsWith('?') ? ' opt' : n.endsWith('!') ? ' mid' : ''}`];
});

function rows(title, list, names) {
	return el('section', {}, title ? el('h2', {}, title) : '', list.length ?
		table(title || 'Rows', list, cols(names)) : nowhere());
}

const span = () => !hello ? '' : hello.keep_minutes >= 120 ? `the last ${Math.round(hello.keep_minutes / 60)} hours` :
	`the last ${hello.keep_minutes} minutes`;

async function overview() {
	const homes = r => r.blocked + r.logged; // who phones home most comes first
	const most = rows => rows.sort((a, b) => homes(b) - homes(a)).slice(0, 8);
	const [minutes, allDevices, allApps, names] = await Promise.all([get('/api/v1/minutes'), get('/api/v1/devices'), get('/api/v1/apps'),
		get('/api/v1/names?limit=2000')]);
	const devices = most(allDevices), apps = most(allApps);
	const stopped = minutes.reduce((n, m) => n + m[3], 0), through = minutes.reduce((n, m) => n + m[2], 0);
	const all = stopped + through;
	const head = !hello.connected ? 'tacet is not running. Nothing is stopped; all traffic passes.' :
		!all ? 'Nothing has phoned home since this page’s server started.' :
		el('span', {}, `${num(all)} ${all === 1 ? 'attempt' : 'attempts'} to phone home. `,
			el('span', { class: 'stop' }, !through ? `${all === 1 ? 'It was' : 'All were'} stopped.` :
				`${num(stopped)} ${stopped === 1 ? 'was' : 'were'} stopped,`),
			...(through ? [' ', el('span', { class: 'pass' }, `${num(through)} went through.`)] : []));
	const from = devices.find(homes), by = apps.find(r => r.app && homes(r));
	return [el('h1', {}, head),
		el('p', { class: 'soft' }, from ? `Most by ${who(from)}${by ? `; of the apps, ${by.app}` : ''}.` : ''),
		chart(minutes),
		el('div', { class: 'two' }, rows('Devices', devices, 'device contacts blocked activity'),
			rows('Apps', apps, 'app contacts blocked activity')),
		rows('What phoned home', names.filter(homes).sort((a, b) => homes(b) - homes(a)).slice(0, 12), 'name app! role! device! verdict contacts rate?')];
}

async function lists() {
	const list = stats && stats.lists || [], s = stats || {};
	const figure = (k, v) => v === undefined ? '' : el('div', {}, el('dt', {}, k), el('dd', {}, typeof v === 'number' ? num(v) : v));
	return [el('h1', {}, 'Lists and figures'),
		list.length ? table('Lists', list, [['List', l => l.name], ['Rules', l => num(l.rules), 'n'], ['Lines', l => num(l.lines), 'n opt'],
			['Skipped', l => num(l.skipped), 'n'], ['File', l => l.file, 'name opt']]) : nowhere(),
		el('h2', {}, 'Figures since tacet started'),
		el('dl', {}, figure('Mode', s.mode), figure('Kernel', s.backend), figure('Questions', s.questions), figure('Flows', s.flows),
			figure('Flows now', s.flows_now), figure('Stopped', s.blocked), figure('Would be stopped', s.logged),
			figure('Let through', s.allowed), figure('Packets looked at', s.queue_packets), figure('Waiting', s.queue_waiting),
			figure('Dropped, queue full', s.queue_kernel_dropped), figure('Rules', s.rules)),
		el('h2', {}, 'Who looks on'),
		table('Clients', s.connected || [], [['Socket', c => c.socket], ['Process', c => String(c.pid), 'n'], ['User', c => String(c.uid), 'n'],
			['Watching', c => c.watching ? 'yes' : 'no'], ['Lost', c => num(c.lost), 'n']])];
}

async function simple(title, what, names) {
	return [el('h1', {}, title), el('p', { class: 'soft' }, `In ${span()}.`), rows('', await get(`/api/v1/${what}?limit=500`), names)];
}

const pages = {
	'/': { title: 'Overview', draw: overview, live: true },
	'/devices': { title: 'Devices', live: true, draw: () => simple('Devices', 'devices', 'device contacts blocked rate up down last activity') },
	'/apps': { title: 'Apps', live: true, draw: () => simple('Apps', 'apps', 'app contacts blocked rate up down last activity') },
	'/names': { title: 'Names', live: true, draw: () => simple('Names', 'names', 'name app! role! device! verdict rule! contacts? blocked? rate? last? allow') },
	'/log': { title: 'Log', draw: () => logPage(get, nowhere, hello && hello.history_days) },
	'/lists': { title: 'Lists', draw: lists },
};

let drawing = false, again = false;
async function draw(first) {
	if (drawing) { again = true; return; }
	drawing = true;
	try {
		const drawn = page, parts = await page.draw();
		if (drawn === page) {
			const at = document.activeElement && document.activeElement.href;
			clear(main, ...parts);
			const same = at && [...main.querySelectorAll('a')].find(a => a.href === at);
			if (same) same.focus({ preventScroll: true });
			if (first) main.focus({ preventScroll: true });
		}
	} catch (e) {
		if (first) clear(main, el('h1', {}, 'This cannot be shown.'), el('p', {}, String(e.message)));
	}
	drawing = false;
	if (again) { again = false; draw(false); }
}

function open(first) {
	if (page && page.close) page.close();
	page = pages[location.pathname] || pages['/'];
	document.title = `${page.title} · tacet`;
	for (const a of document.querySelectorAll('nav a'))
		a.pathname === location.pathname ? a.setAttribute('aria-current', 'page') : a.removeAttribute('aria-current');
	draw(first);
}

document.addEventListener('click', e => {
	const a = e.target.closest('a[data-page]');
	if (!a || e.ctrlKey || e.metaKey || e.shiftKey || e.button) return;
	e.preventDefault();
	history.pushState(null, '', a.href);
	open(true);
});
addEventListener('popstate', () => open(true));

const count = (n, what) => `${num(n)} ${what}${n === 1 ? '' : 's'}`;
function showState() {
	const at = document.getElementById('state'), on = hello && hello.connected;
	const paused = stats && stats.paused_until;
	at.textContent = !on ? 'tacet is not running' : paused ? (paused === 'resume' ? 'Paused until resumed' : `Paused until ${clock(paused)}`) :
		stats && stats.mode === 'monitor' ? 'Watching only' : 'Blocking';
	at.parentElement.classList.toggle('off', !on || !!paused);
	document.getElementById('control').hidden = !(on && hello.control);
	document.getElementById('pause').hidden = !!paused;
	document.getElementById('resume').hidden = !paused;
	document.getElementById('lost').textContent = !hello ? '' :
		(hello.lost ? `${count(hello.lost, 'record')} came faster than this page’s server reads: log and tables are without them, the chart and the figures are not. ` : '') +
		(hello.history_lost ? `${count(hello.history_lost, 'record')} could not be written into the file.` : '');
	const told = ['everything', 'names only of what is or would be stopped', 'names only of what is or would be stopped, devices under a pseudonym of the day', 'counters only'];
	document.getElementById('foot').textContent = !hello ? '' : (on ? `Privacy level ${hello.privacy}: ${told[hello.privacy]}. ` : '') +
		`Kept in memory for ${span().replace('the last ', '')}, at most ${num(hello.keep_records)} records; ${hello.history_days ? `a file keeps ${hello.history_days} days, at most ${num(hello.history_records)} records` : 'no file'}. tacet ${hello.tacet}`;
}

async function order(what, body) {
	const r = await fetch('/api/v1/' + what, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
	const said = document.getElementById('said');
	said.textContent = !r.ok ? (await r.json()).error.message : what === 'allow' ? `${body.name} is allowed for an hour.` : '';
	setTimeout(() => { said.textContent = ''; }, 15000);
}
document.getElementById('pause').addEventListener('click', () => order('pause', { seconds: 300 }));
document.getElementById('resume').addEventListener('click', () => order('resume', {}));

let due = 0;
function soon() {
	if (!page || !page.live || due || document.hidden) return;
	due = setTimeout(() => { due = 0; draw(false); }, 1000);
}

document.getElementById('state').textContent = 'Connecting';
try {
	hello = await get('/api/v1/hello');
	stats = await get('/api/v1/stats').catch(() => null);
	showState();
	open(false);
	const events = new EventSource('/api/v1/events');
	events.addEventListener('hello', e => { hello = JSON.parse(e.data); if (!hello.connected) stats = null; showState(); soon(); });
	events.addEventListener('stats', e => { stats = JSON.parse(e.data); showState(); });
	events.addEventListener('record', e => { soon(); dispatchEvent(new CustomEvent('tacet-record', { detail: JSON.parse(e.data) })); });
	events.addEventListener('error', () => { document.getElementById('state').textContent = 'Connection to this page’s server lost; trying again'; });
} catch (e) { /* the page says it */ }
