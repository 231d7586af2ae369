// SPDX-License-Identifier: GPL-2.0-or-later
// What is looked at in the report: report.mjs URL
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { MODULES, PICTURES, BROWSER } = process.env;
const { chromium } = createRequire(`${MODULES}/x.js`)('playwright-core');
const axe = readFileSync(`${MODULES}/axe-core/axe.min.js`, 'utf8');
const url = process.argv[2];
let bad = 0;
function check(what, ok, more = '') {
	console.error(`${ok ? 'ok  ' : 'FAIL'} ${what}${ok ? '' : ' ' + more}`);
	bad += !ok;
}

const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking',
	'--disable-component-update', '--host-resolver-rules=MAP * ~NOTFOUND'] });
const requests = [], errors = [];
async function open(options) {
	const p = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })).newPage();
	p.on('request', r => { if (r.url() !== url) requests.push(r.url()); });
	p.on('pageerror', e => errors.push(String(e)));
	p.on('console', m => { if (m.type() === 'error') errors.push(m.text()); });
	await p.goto(url);
	return p;
}

// Without a script all is there but the filter.
const plain = await open({ javaScriptEnabled: false });
const said = await plain.locator('main').innerText();
for (const word of ['phone home', 'When', 'What for', 'Names', 'Evidence', 'How this was made', 'SHA-256'])
	check(`without a script it says ${word}`, said.includes(word));
check('without a script there is no filter', !await plain.locator('#filter').isVisible());
const all = await plain.locator('#rows tbody tr').count();

const p = await open({});
const visible = () => p.locator('#rows tbody tr:visible').count();
check('all rows are shown first', await visible() === all && all > 10, all);
await p.getByLabel('Name, app, device or rule').fill('netflix');
check('the filter finds what is asked for', await visible() > 0 && await visible() < all, await visible());
check('and says how many', await p.locator('#shown').innerText() === `${await visible()} of ${all} rows`);
await p.getByLabel('Name, app, device or rule').fill('');
await p.getByLabel('Role').selectOption('telemetry');
check('the filter by role', await p.locator('#rows tbody tr:visible').evaluateAll(rows => rows.length > 0 && rows.every(r => r.cells[2].textContent === 'telemetry')));
await p.getByLabel('Role').selectOption('');
await p.getByLabel('What phones home').selectOption('home');
check('the filter by what phones home', await p.locator('#rows tbody tr:visible').evaluateAll(rows => rows.length > 0 && rows.every(r => r.className === 'home')));

for (const colorScheme of ['light', 'dark'])
	for (const width of [360, 768, 1440]) {
		const q = await open({ viewport: { width, height: 900 }, colorScheme });
		await q.screenshot({ path: `${PICTURES}/report-${width}-${colorScheme}.png`, fullPage: true });
		const over = await q.evaluate(() => document.documentElement.scrollWidth - innerWidth);
		check(`it fits ${width} pixels, ${colorScheme}`, over <= 0, `it is ${over} wider`);
		await q.evaluate(axe); // by the debugger: the page's policy lets no other script in
		const found = (await q.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }))).violations;
		check(`axe at ${width}, ${colorScheme}`, !found.length, found.map(v => `${v.impact} ${v.id}: ${v.nodes[0].html} ${v.nodes[0].failureSummary}`).join('; ').slice(0, 600));
		await q.context().close();
	}
const pdf = await p.pdf({ format: 'A4' });
check('it prints', pdf.length > 10000);
check('nothing is asked of anybody', !requests.length, requests.join(' '));
check('no error in the console', !errors.length, errors.join('; '));
await browser.close();
process.exit(bad ? 1 : 0);
