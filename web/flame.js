// SPDX-License-Identifier: GPL-3.0-or-later
// The calling context tree as a flame graph, from the top down.

const PENDING = "(pending)";

function flameNode(node, withPending) {
	const children = node.children
		.filter((child) => withPending || child.name !== PENDING)
		.map((child) => flameNode(child, withPending));
	const left = withPending ? 0 : node.children
		.filter((child) => child.name === PENDING)
		.reduce((sum, child) => sum + child.total_ns, 0);
	const nested = children.reduce((sum, child) => sum + child.value, 0);

	return { name: (node.layer ? node.layer + ":" : "") + node.name,
		layer: node.layer, async: node.async, count: node.count,
		self: node.self_ns,
		// Async operations may overlap.
		value: Math.max(node.total_ns - left, nested), children };
}

function flameData(tree, withPending) {
	const children = tree.map((node) => flameNode(node, withPending));

	return { name: "all", children, value: children.reduce(
		(sum, child) => sum + child.value, 0) };
}

// A quarter of the circle each for requests, operations, async ones.
function flameColor(frame) {
	const data = frame.data;
	let hash = 0;

	if (frame.highlight) {
		return "var(--flame-found)";
	}
	for (const character of data.name) {
		hash = (hash * 31 + character.codePointAt(0)) % 997;
	}
	if (frame.depth === 0) {
		return "var(--flame-all)";
	}
	const hue = !data.layer ? 205 : data.async ? 160 : 20;

	return "hsl(" + (hue + hash % 32) + " " + (55 + hash % 30) + "% " +
		(70 + hash % 12) + "%)";
}

function frameWords(frame) {
	const data = frame.data;
	const all = frame.ancestors().pop().data.value;
	const share = all > 0 ? data.value / all : 0;

	return data.name + ": " + duration(data.value) + ", " + percent(share) +
		(data.count === undefined ? "" : ", " +
			plural(data.count, "call", "calls") + ", " +
			duration(data.value / Math.max(data.count, 1)) +
			" each");
}

// Where the keys lead from a frame; null: nowhere.
function neighbour(frame, key) {
	const visible = (list) => (list || []).filter((one) => one.value > 0);
	const siblings = frame.parent ? visible(frame.parent.children) : [frame];
	const place = siblings.indexOf(frame);

	switch (key) {
	case "ArrowDown":
		return visible(frame.children)[0] || null;
	case "ArrowUp":
		return frame.parent;
	case "ArrowLeft":
		return siblings[place - 1] || null;
	case "ArrowRight":
		return siblings[place + 1] || null;
	default:
		return null;
	}
}

// The chart in an element, and what can be done with it.
function flameChart(place, words) {
	const chart = flamegraph.default().inverted(true).cellHeight(22)
		.transitionDuration(matchMedia(
			"(prefers-reduced-motion: reduce)").matches ? 0 : 250)
		.minFrameSize(1).sort((a, b) => b.data.value - a.data.value)
		.resetHeightOnZoom(true)
		.setColorMapper(flameColor);
	const flame = { chart, current: null };
	const frames = () => d3.select(place).selectAll("g.frame");

	flame.mark = (frame) => {
		flame.current = frame;
		frames().classed("current", (one) => one === frame);
		words.textContent = frameWords(frame);
	};
	flame.show = (data, width) => {
		place.replaceChildren();
		chart.width(width);
		d3.select(place).datum(data).call(chart);
		flame.mark(d3.select(place).datum());
	};
	chart.setLabelHandler(frameWords);
	chart.setDetailsHandler((text) => {
		words.textContent = text ||
			frameWords(flame.current);
	});
	chart.onClick((frame) => flame.mark(frame));
	chart.setSearchMatch((frame, term) => term !== "" &&
		frame.data.name.toLowerCase().includes(term.toLowerCase()));
	return flame;
}

function flameKeys(flame, event) {
	const next = neighbour(flame.current, event.key);

	if (next !== null) {
		flame.mark(next);
	} else if (event.key === "Enter" || event.key === " ") {
		flame.chart.zoomTo(flame.current);
	} else if (event.key === "Escape") {
		flame.chart.resetZoom();
	} else if (!event.key.startsWith("Arrow")) {
		return;
	}
	event.preventDefault();
}

function flameTools(flame, redraw) {
	const found = element("output", { class: "small", id: "flame-found",
		"aria-live": "polite" });
	const search = element("input", { type: "search", id: "flame-search",
		autocomplete: "off", spellcheck: "false",
		"aria-label": "Search the flame graph",
		placeholder: "Search", oninput: () => {
			flame.chart.search(search.value.trim());
			flame.mark(flame.current);
		} });
	const pending = element("input", { type: "checkbox",
		id: "flame-pending", onchange: () => {
			search.value = found.textContent = "";
			redraw(pending.checked);
		} });

	flame.chart.setSearchHandler((frames, sum, total) => {
		found.textContent = search.value.trim() === "" ? "" :
			plural(frames.length, "frame", "frames") + ", " +
			percent(total > 0 ? sum / total : 0) + " of the time";
	});
	return element("div", { class: "tools" }, search, found,
		element("label", {}, pending, " with pending requests"),
		element("button", { type: "button", id: "flame-reset",
			onclick: () => flame.chart.resetZoom() }, "Reset zoom"));
}

function showFlame(data) {
	const words = element("p", { id: "flame-words", class: "words",
		"aria-live": "polite" });
	const place = element("div", { id: "flame", tabindex: "0",
		role: "application",
		"aria-label": "Flame graph of the calls: arrow keys to move, " +
			"Enter to zoom, Escape to see all again",
		onkeydown: (event) => flameKeys(flame, event) });
	const flame = flameChart(place, words);
	let withPending = false;
	const draw = () => flame.show(flameData(data.report.tree, withPending),
		place.clientWidth);

	section("calls", "Calls",
		"What smbd did for each request: below it, the VFS operations, " +
		"each as wide as it took time. Choose one to zoom; with keys: " +
		"arrows, Enter, Escape.",
		flameTools(flame, (checked) => {
			withPending = checked;
			draw();
		}), place, words);
	onWidth(place, draw);
}
