// SPDX-License-Identifier: GPL-3.0-or-later
// A chart over time, which can be read step by step with the arrow keys.

const CHART_HEIGHT = 260;

// The moments of the steps, in s, and which step each begins; a gap ends with
// a moment of none (-1).
function timeline(steps) {
	const moments = [], step = [];

	steps.begin_ms.forEach((begin, i) => {
		const end = steps.end_ms[i];

		moments.push(begin / 1000);
		step.push(i);
		if (steps.begin_ms[i + 1] !== end) {
			// What lasts till here, and nothing behind it.
			moments.push(end / 1000 - 0.0005, end / 1000 - 0.0001);
			step.push(i, -1);
		}
	});
	return { moments, step };
}

function axis(extra) {
	return { stroke: styled("--dim"), font: "12px system-ui, sans-serif",
		grid: { stroke: styled("--line"), width: 1 },
		ticks: { stroke: styled("--line"), width: 1 }, ...extra };
}

// uPlot's own times are those of America.
const TIME_AXIS = [
	[86400, "{DD}.{MM}.", null, null, null, null, null, null, 1],
	[3600, "{HH}:{mm}", "\n{DD}.{MM}.{YYYY}", null, "\n{DD}.{MM}.", null,
		null, null, 1],
	[60, "{HH}:{mm}", "\n{DD}.{MM}.{YYYY}", null, "\n{DD}.{MM}.", null,
		null, null, 1],
	[1, "{HH}:{mm}:{ss}", "\n{DD}.{MM}.{YYYY}", null, "\n{DD}.{MM}.", null,
		null, null, 1],
	[0.001, ":{ss}.{fff}", "\n{HH}:{mm}", null, "\n{HH}:{mm}", null, null,
		null, 1],
];

function chartKeys(chart, step, event) {
	const last = step.length - 1;
	let at = chart.cursor.idx;

	switch (event.key) {
	case "ArrowLeft":
		at = at === null ? last : at - 1;
		break;
	case "ArrowRight":
		at = at === null ? 0 : at + 1;
		break;
	case "Home":
		at = 0;
		break;
	case "End":
		at = last;
		break;
	case "Escape":
		chart.setCursor({ left: -10, top: -10 });
		return;
	default:
		return;
	}
	event.preventDefault();
	// Over what ends a step.
	const way = event.key === "ArrowLeft" || event.key === "End" ? -1 : 1;
	while (at > 0 && at <= last && (step[at] < 0 ||
	       step[at - 1] === step[at])) {
		at += way;
	}
	if (at >= 0 && at <= last) {
		chart.setCursor({ top: 10,
			left: chart.valToPos(chart.data[0][at], "x") + 0.01 });
	}
}

// Keeps a chart in an element: what options() and data() say, drawn again when
// the width or the colors change. said(step): what the cursor is on; -1: nothing.
function chartIn(place, step, options, data, said) {
	const kept = { chart: null };

	kept.draw = () => {
		if (kept.chart !== null) {
			kept.chart.destroy();
		}
		const own = options();
		kept.chart = new uPlot({ width: place.clientWidth,
			height: CHART_HEIGHT, legend: { show: false },
			cursor: { y: false, points: { show: false },
				drag: { x: false, y: false } }, ...own,
			axes: [axis({ values: TIME_AXIS, space: 70 }),
				...own.axes],
			hooks: { ...own.hooks, setCursor: [(chart) => said(
				chart.cursor.idx === null ||
				chart.cursor.left < 0 ? -1 :
					step[chart.cursor.idx])] } },
		data(), place);
		said(-1);
	};
	place.addEventListener("keydown", (event) =>
		chartKeys(kept.chart, step, event));
	onWidth(place, kept.draw);
	onTheme(() => kept.chart !== null && kept.draw());
	return kept;
}

// What a chart shows, with its values at the cursor.
function legend(id, items) {
	const list = element("ul", { class: "legend", id });
	const values = items.map((item) => {
		const value = element("b", { class: "value" });

		list.append(element("li", {}, element("span", {
			class: "swatch " + item.class, "aria-hidden": "true" }),
		item.label + " ", value));
		return value;
	});

	return { list, show: (texts) => texts.forEach((text, i) => {
		values[i].textContent = text;
	}) };
}

function stepText(steps, step) {
	return step < 0 ? "All of it" :
		moment(steps.begin_ms[step]) + " to " +
			moment(steps.end_ms[step]);
}
