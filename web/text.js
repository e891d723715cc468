// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and names as people read them.

const NOT_KNOWN = "–";

function count(value) {
	return Math.round(value).toLocaleString("en-US");
}

// The largest unit in which it is at least 1, with three digits.
function inUnits(value, units) {
	const [size, name] = units.find(([least]) => value >= least) ||
		units[units.length - 1];
	const scaled = value / size;
	const digits = size === 1 || scaled >= 99.95 ? 0 :
		scaled >= 9.995 ? 1 : 2;

	return scaled.toFixed(digits) + " " + name;
}

function duration(ns) {
	if (ns === null || ns === undefined) {
		return NOT_KNOWN;
	}
	return inUnits(ns, [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]]);
}

// For axes: hours and days as well, and no needless digits.
function shortDuration(ns) {
	const units = [[86400e9, "d"], [3600e9, "h"], [60e9, "min"], [1e9, "s"],
		[1e6, "ms"], [1e3, "µs"], [1, "ns"]];
	const [size, name] = units.find(([least]) => ns >= least) || [1, "ns"];

	return Number((ns / size).toPrecision(3)) + " " + name;
}

function bytes(value) {
	return value === 0 ? "0" : inUnits(value, [[2 ** 40, "TiB"], [2 ** 30, "GiB"],
		[2 ** 20, "MiB"], [2 ** 10, "KiB"], [1, "B"]]);
}

function percent(ratio) {
	return (100 * ratio).toFixed(ratio < 0.0995 ? 1 : 0) + " %";
}

function moment(timestamp) {
	if (!timestamp) {
		return NOT_KNOWN;
	}
	return new Date(timestamp).toLocaleString("en-GB", {
		year: "numeric", month: "short", day: "numeric",
		hour: "2-digit", minute: "2-digit", second: "2-digit",
		timeZoneName: "short",
	});
}

function plural(number, one, many) {
	return count(number) + " " + (number === 1 ? one : many);
}
