// SPDX-License-Identifier: GPL-3.0-or-later
// How the latencies of each request and operation are spread: a table whose
// cells are the warmer the more calls took that long.

const HEAT_ROWS = 25;

// The exponent of the power of two that a bucket is in; 0 and 1 are the first.
function octaveOf(lower) {
	return lower < 1 ? 0 : Math.floor(Math.log2(lower));
}

// { octave: calls } of a histogram as JSON has it.
function octaves(histogram) {
	const found = new Map();

	for (const [lower, , calls] of histogram) {
		const octave = octaveOf(lower);

		found.set(octave, (found.get(octave) || 0) + calls);
	}
	return found;
}

function heatRow(row, first, last) {
	const tr = element("tr", {}, element("th", { scope: "row",
		class: "name" }, row.name));

	for (let octave = first; octave <= last; octave++) {
		const calls = row.octaves.get(octave) || 0;
		const share = calls / row.count;
		const cell = element("td", { title: row.name + ", " +
			shortDuration(octave === 0 ? 0 : 2 ** octave) +
			" to " + shortDuration(2 ** (octave + 1)) + ": " +
			plural(calls, "call", "calls") },
			calls === 0 ? "" : share < 0.01 ? "<1" :
				String(Math.round(100 * share)));

		if (calls !== 0) {
			cell.className = "warm";
			cell.style.setProperty("--heat", Math.sqrt(share));
		}
		tr.append(cell);
	}
	return tr;
}

// Most time first: of operations without that of those nested in them.
function heatTable(id, title, counters, head, time) {
	const rows = Object.entries(counters)
		.filter(([, row]) => row.count > 0)
		.sort(([, a], [, b]) => b[time] - a[time])
		.slice(0, HEAT_ROWS)
		.map(([name, row]) => ({ name, count: row.count,
			octaves: octaves(row.histogram) }));
	const all = rows.flatMap((row) => [...row.octaves.keys()]);
	const first = Math.min(...all), last = Math.max(...all);
	const heads = element("tr", {}, element("th", { scope: "col" }, head));

	if (rows.length === 0) {
		return element("p", {}, title + ": none");
	}
	for (let octave = first; octave <= last; octave++) {
		heads.append(element("th", { scope: "col" },
			shortDuration(octave === 0 ? 0 : 2 ** octave)
				.replace(/\.\d+/, "")));
	}
	return element("div", { class: "table" },
		element("div", { class: "tools" },
			element("h3", {}, title)),
		element("div", { class: "scroll", role: "region",
			tabindex: "0", "aria-label": "Latencies: " + title },
			element("table", { class: "heat", id },
				element("thead", {}, heads),
				element("tbody", {}, ...rows.map((row) =>
					heatRow(row, first, last))))));
}

function showHeat(data) {
	section("latencies", "Latencies",
		"Of 100 calls so many took at least what is above the column, " +
		"and less than what is above the next.",
		heatTable("heat-requests", "SMB2 requests",
			data.report.smb2_requests, "Request", "total_ns"),
		heatTable("heat-operations", "VFS operations",
			data.report.vfs_operations, "Operation", "self_ns"));
}
