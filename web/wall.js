// SPDX-License-Identifier: GPL-3.0-or-later
// Where the wall clock of all smbd processes went.

const UNDER_WAY = { key: "under_way_us", label: "Under way, not yet known",
	doc: "work that had not ended when the report was made" };

function partClass(part) {
	return "part-" + part.key.replace(/_us$/, "").replaceAll("_", "-");
}

function partLabel(part) {
	return part.label.replace(/:$/, "");
}

function wallParts(data) {
	return [...data.wall_parts, UNDER_WAY];
}

function stackedBar(label, parts, time) {
	const sum = parts.reduce((all, part) => all + time[part.key], 0);
	const bar = element("div", { class: "bar", role: "img",
		"aria-label": label + ": " + parts
			.filter((part) => time[part.key] > 0)
			.map((part) => partLabel(part) + " " +
				percent(time[part.key] / sum))
			.join(", ") });

	for (const part of parts) {
		const piece = element("span", { class: partClass(part),
			title: partLabel(part) + ": " +
				duration(time[part.key] * 1e3) });

		piece.style.flexGrow = sum > 0 ? time[part.key] / sum : 0;
		bar.append(piece);
	}
	return element("figure", { class: "wall" },
		element("figcaption", {}, label + ": " + duration(sum * 1e3)),
		bar);
}

function wallTable(parts, time) {
	const body = element("tbody");

	for (const part of parts) {
		body.append(element("tr", { "data-part": part.key },
			element("th", { scope: "row" },
				element("span", { class: "swatch " +
					partClass(part),
					"aria-hidden": "true" }),
				partLabel(part)),
			element("td", { class: "number" },
				duration(time[part.key] * 1e3)),
			element("td", { class: "number" },
				time.wall_us > 0 ? percent(time[part.key] /
					time.wall_us) : NOT_KNOWN),
			element("td", { class: "doc" }, part.doc)));
	}
	return element("div", { class: "scroll", role: "region", tabindex: "0",
		"aria-label": "Parts of the wall clock" },
		element("table", { id: "wall-table" }, element("thead", {},
			element("tr", {}, ...["Part", "Time", "Share", "What it is"]
				.map((title, column) => element("th",
					{ scope: "col", class: column === 1 ||
						column === 2 ? "number" : "" },
					title)))), body));
}

function showWall(data) {
	const parts = wallParts(data);
	const time = data.report.time;

	section("wall", "Where the time went",
		"The time of all smbd processes, from their first tree " +
		"connect on. The parts add up to all of it.",
		stackedBar("All of it", parts, time),
		stackedBar("Without waiting for the client", parts.filter(
			(part) => part.key !== "waiting_client_us"), time),
		wallTable(parts, time));
}
