# SPDX-License-Identifier: GPL-3.0-or-later
"""A page in a real browser: headless Chromium, told what to do by Selenium."""

import base64
import json
import shutil
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

# What text says, of an element and all in it, as it is shown.
CONTRAST = """
const parse = (text) => {
	const numbers = (text.match(/[\\d.]+(e-\\d+)?/g) || [0, 0, 0, 0]).map(Number);
	// color(srgb 0.1 0.2 0.3): what color-mix() makes.
	return text.startsWith('color(') ?
		numbers.map((c, i) => i < 3 ? 255 * c : c) : numbers;
};
const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) =>
	c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
	.reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const behind = (node) => {
	for (; node; node = node.parentElement) {
		const color = parse(getComputedStyle(node).backgroundColor);
		if (color.length === 3 || color[3] > 0) { return color; }
	}
	return [255, 255, 255];
};
const bad = [];
let seen = 0;
for (const node of document.querySelectorAll('body *')) {
	const own = [...node.childNodes].some((child) =>
		child.nodeType === 3 && child.data.trim() !== '');
	if (!own || node.getClientRects().length === 0 ||
	    ['SCRIPT', 'STYLE', 'title', 'NOSCRIPT'].includes(node.tagName)) {
		continue;
	}
	let back = behind(node);
	const frame = node.closest('g.frame');
	if (frame) {
		back = parse(getComputedStyle(
			frame.querySelector('rect')).fill);
	}
	const style = getComputedStyle(node);
	const front = parse(node instanceof SVGElement ? style.fill : style.color);
	const [a, b] = [luminance(front), luminance(back)];
	const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
	seen++;
	if (ratio < 4.5) {
		bad.push([ratio, node.tagName, node.textContent.slice(0, 40)]);
	}
}
return [seen, bad];
"""

# Pairs of texts that lie upon each other; how far the page is too wide; and
# words that leave their boxes.
OVERLAPS = """
const boxes = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
	const node = walker.currentNode, parent = node.parentElement;
	if (node.data.trim() === '' || parent.closest(
	    'script, style, noscript, nav, .skip, svg title, [hidden]')) {
		continue;
	}
	const range = document.createRange();
	range.selectNodeContents(node);
	// What a box that scrolls, or a frame, hides is not there.
	const clip = parent.closest('.scroll, foreignObject');
	const limit = clip ? clip.getBoundingClientRect() : null;
	for (const r of range.getClientRects()) {
		const box = { l: r.left + 1, r: r.right - 1, t: r.top + 3,
			b: r.bottom - 3, node, text: node.data.trim().slice(0, 30) };
		if (limit) {
			box.l = Math.max(box.l, limit.left);
			box.r = Math.min(box.r, limit.right);
		}
		if (box.l < box.r && box.t < box.b) { boxes.push(box); }
	}
}
const over = [];
for (let i = 0; i < boxes.length; i++) {
	for (let j = i + 1; j < boxes.length; j++) {
		const a = boxes[i], b = boxes[j];
		if (a.node !== b.node && a.l < b.r && b.l < a.r && a.t < b.b && b.t < a.b) {
			over.push([a.text, b.text]);
		}
	}
}
return [boxes.length, over, boxes.filter((b) => b.r > innerWidth + 1 ||
	b.l < -1).map((b) => b.text),
	document.documentElement.scrollWidth - innerWidth];
"""


class Browser:
    """Chromium with one page."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix='page-')
        options = Options()
        options.binary_location = shutil.which('chromium')
        for word in ('--headless=new', '--no-sandbox', '--disable-gpu',
                     '--disable-dev-shm-usage',
                     '--disable-background-networking', '--no-first-run',
                     '--user-data-dir=' + self.profile,
                     '--host-resolver-rules=MAP * ~NOTFOUND'):
            options.add_argument(word)
        options.set_capability('goog:loggingPrefs',
                               {'performance': 'ALL', 'browser': 'ALL'})
        self.driver = webdriver.Chrome(
            options=options,
            service=Service(shutil.which('chromedriver')))
        # The page sees and asks what it wants; it must only want nothing.
        self.driver.execute_cdp_cmd('Network.enable', {})

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def resize(self, width, height=900):
        """The size of what the page has, whatever the window's frame is."""
        self.driver.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', {
            'width': width, 'height': height, 'deviceScaleFactor': 1,
            'mobile': False})

    def dark(self, dark):
        """What the system prefers; also that nothing moves."""
        self.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {
            'features': [{'name': 'prefers-color-scheme',
                          'value': 'dark' if dark else 'light'},
                         {'name': 'prefers-reduced-motion',
                          'value': 'reduce'}]})

    def open(self, file):
        """Opens a page and waits until it is ready."""
        self.driver.get_log('performance')
        self.driver.get_log('browser')
        self.driver.get('file://%s' % file)
        self.wait_for("document.documentElement.dataset.ready === 'yes'")

    def wait_for(self, condition, timeout=30):
        """Until this JavaScript is true; its value."""
        # The browser looks after each frame that it has drawn.
        self.driver.set_script_timeout(timeout)
        return self.driver.execute_async_script(
            'const done = arguments[0]; const look = () => { const value = (%s);'
            ' value ? done(value) : requestAnimationFrame(look); }; look();'
            % condition)

    def ask(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def requests(self):
        """Addresses that the page has asked for since it was opened, but for
        those that its policy has refused."""
        messages = [json.loads(entry['message'])['message']
                    for entry in self.driver.get_log('performance')]
        refused = {one['params']['requestId'] for one in messages
                   if one['method'] == 'Network.loadingFailed' and
                   one['params'].get('blockedReason') == 'csp'}
        return [one['params']['request']['url'] for one in messages
                if one['method'] == 'Network.requestWillBeSent' and
                one['params']['requestId'] not in refused]

    def complaints(self):
        """What the console says: errors, and what the policy has refused."""
        return [entry['message'] for entry in self.driver.get_log('browser')]

    def picture(self, file):
        """The whole page as a PNG."""
        metrics = self.driver.execute_cdp_cmd('Page.getLayoutMetrics', {})
        size = metrics['cssContentSize']
        data = self.driver.execute_cdp_cmd('Page.captureScreenshot', {
            'captureBeyondViewport': True, 'clip': {
                'x': 0, 'y': 0, 'width': size['width'],
                'height': size['height'], 'scale': 1}})
        with open(file, 'wb') as f:
            f.write(base64.b64decode(data['data']))
