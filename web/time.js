// SPDX-License-Identifier: GPL-3.0-or-later
// The wall clock and the latencies over time.

const PERCENTILES = [["Median", "p50_ns", "--median"],
	["p90", "p90_ns", "--p90"], ["p99", "p99_ns", "--p99"],
	["Max", "max_ns", "--max"]];
// A row of a step: count, p50, p90, p99, max, then the histogram's least octave
// and its counts.
const ROW_PERCENTILE = 1, ROW_OCTAVE = 5;

// How many smbds were busy with a part on average, at a moment.
function busy(steps, part, step) {
	return step < 0 || !steps.running_us[step] ? null :
		steps.time[part.key][step] / steps.running_us[step];
}

// Each part upon those before it, the highest first: they are drawn in turn.
function stacked(steps, parts, step) {
	const sums = step.map((i) => i < 0 ? null : 0);

	return parts.map((part) => step.map((i, at) => {
		sums[at] = i < 0 ? null : sums[at] + busy(steps, part, i);
		return sums[at];
	})).reverse();
}

function showWallOverTime(data) {
	const steps = data.steps, time = data.report.time;
	const { moments, step } = timeline(steps);
	const parts = wallParts(data).filter(
		(part) => part.key !== "waiting_client_us");
	const running = steps.running_us.reduce((sum, us) => sum + us, 0);
	const words = element("p", { class: "small", id: "wall-moment" });
	const values = legend("wall-legend", parts.map((part) => ({
		label: partLabel(part), class: partClass(part) })));
	const place = element("div", { class: "chart", id: "wall-chart",
		tabindex: "0", role: "application", "aria-label":
			"Wall clock over time: arrow keys to move" });

	chartIn(place, step, () => ({
		axes: [axis({ size: 70 })],
		scales: { y: { range: (_, least, most) => [0, most || 1] } },
		series: [{}, ...parts.map((part) => ({ width: 0,
			fill: styled("--" + partClass(part).replace(
				/^part-(waiting-)?/, "")),
			paths: uPlot.paths.stepped({ align: 1 }),
			points: { show: false } })).reverse()],
	}), () => [moments, ...stacked(steps, parts, step)], (at) => {
		words.textContent = stepText(steps, at);
		values.show(parts.map((part) => (at < 0 ?
			time[part.key] / running :
			busy(steps, part, at) || 0).toFixed(3)));
	});
	return element("div", { class: "table" }, element("h3", {},
		"How many smbd processes were busy, and with what"), place,
	words, values.list);
}

// The rows of a request or an operation at each moment.
function rowsOf(series, step) {
	return step.map((i) => i < 0 ? null : series[i] || null);
}

// The cells of the heat map: of the calls of a step, how many took that long.
function drawHeat(chart, rows) {
	const { ctx, data } = chart;
	const right = chart.bbox.left + chart.bbox.width;

	ctx.save();
	ctx.fillStyle = styled("--heat-high");
	rows.forEach((row, at) => {
		if (row === null || data[0][at + 1] === undefined) {
			return;
		}
		const from = chart.valToPos(data[0][at], "x", true);
		const to = chart.valToPos(data[0][at + 1], "x", true);

		row.slice(ROW_OCTAVE + 1).forEach((calls, i) => {
			const lower = Math.max(row[ROW_OCTAVE], 32) * 2 ** i;
			const top = chart.valToPos(2 * lower, "y", true);

			ctx.globalAlpha = Math.sqrt(calls / row[0]);
			ctx.fillRect(from, top, Math.min(to, right) - from,
				chart.valToPos(lower, "y", true) - top);
		});
	});
	ctx.restore();
}

// From the least to the most that any of them took, in whole octaves.
function heatRange(rows) {
	const known = rows.filter((row) => row !== null);
	const lower = known.map((row) => Math.max(row[ROW_OCTAVE], 32));
	const upper = known.map((row, i) => lower[i] *
		2 ** (row.length - ROW_OCTAVE - 1));

	return known.length === 0 ? [1e3, 1e6] :
		[Math.min(...lower), Math.max(...upper)];
}

function latencyChoice(steps, counters) {
	const group = (label, names, kind) => element("optgroup", { label },
		...names.map((name) => element("option",
			{ value: kind + " " + name }, name)));
	const sorted = (kind, time) => Object.keys(steps[kind])
		.sort((a, b) => counters[kind][b][time] -
			counters[kind][a][time]);

	return element("select", { id: "latency-of",
		"aria-label": "Latency of" },
	group("SMB2 requests", sorted("smb2_requests", "total_ns"),
		"smb2_requests"),
	group("VFS operations", sorted("vfs_operations", "self_ns"),
		"vfs_operations"));
}

function showLatencyOverTime(data) {
	const steps = data.steps;
	const { moments, step } = timeline(steps);
	const words = element("p", { class: "small", id: "latency-moment" });
	const values = legend("latency-legend", [{ label: "Calls", class: "none" },
		...PERCENTILES.map(([label, , color]) => ({ label,
			class: color.replace("--", "line-") }))]);
	const choice = latencyChoice(steps, data.report);
	const place = element("div", { class: "chart", id: "latency-chart",
		tabindex: "0", role: "application", "aria-label":
			"Latencies over time: arrow keys to move" });
	const chosen = () => choice.value.split(" ");
	const rows = () => {
		const [kind, name] = chosen();

		return rowsOf(steps[kind][name] || [], step);
	};
	const chart = chartIn(place, step, () => ({
		axes: [axis({ size: 70, values: (_, marks) => marks.map(
			(ns) => ns === null ? "" : shortDuration(ns)) })],
		scales: { y: { distr: 3, log: 2, range: () => heatRange(rows()) } },
		series: [{}, ...PERCENTILES.map(([, , color]) => ({ width: 1.5,
			stroke: styled(color), points: { show: false },
			paths: uPlot.paths.stepped({ align: 1 }) }))],
		hooks: { drawAxes: [(own) => drawHeat(own, rows())] },
	}), () => [moments, ...PERCENTILES.map((_, i) => rows().map((row) =>
		row === null ? null : row[ROW_PERCENTILE + i] || null))], (at) => {
		const [kind, name] = chosen();
		const all = data.report[kind][name];
		const row = at < 0 ? [all.count, ...PERCENTILES.map(
			([, key]) => all[key])] : steps[kind][name][at];

		words.textContent = stepText(steps, at);
		values.show(row ? [count(row[0]), ...row.slice(1, 5)
			.map(duration)] : ["0", ...PERCENTILES.map(
			() => NOT_KNOWN)]);
	});

	choice.addEventListener("change", chart.draw);
	return element("div", { class: "table" }, element("div",
		{ class: "tools" }, element("h3", {}, "How long it took"),
		choice), place, words, values.list);
}

function showTime(data) {
	section("time", "Over time",
		"Move over a chart, or use the arrow keys in it, to read a " +
		"step. The darker a field, the more of the calls of that step " +
		"took that long.", showWallOverTime(data),
		showLatencyOverTime(data));
}
