// SPDX-License-Identifier: GPL-3.0-or-later
// Slow operations and hot files.

function showSlow(slow) {
	const columns = [nameColumn("Path", "path"),
		{ title: "Duration", of: (row) => row.duration_ns,
			show: duration },
		{ title: "When", text: true, of: (row) => row.timestamp,
			show: moment },
		{ title: "Operation", text: true,
			of: (row) => row.op || "all of the request" },
		{ title: "Layer", text: true, of: (row) => row.layer || "-" },
		nameColumn("Request", "request"), nameColumn("Share", "share"),
		nameColumn("User", "user"), nameColumn("Client", "client"),
		nameColumn("Result", "result")];

	section("slow", "Slow operations",
		slow.length !== 0 ? "The latest that took longer than " +
			"latency:slow threshold." :
			"None: set “latency:slow threshold” in smb.conf to " +
			"have those listed that take longer.",
		slow.length === 0 ? null : sortableTable("table-slow",
			"Slow operations", columns, slow,
			column(columns, "Duration")));
}

function atMost(key, show) {
	return (row) => show(row[key]) + (row.missed[key] > 0 ?
		" (+" + show(row.missed[key]) + ")" : "");
}

function showFiles(files) {
	const figure = (title, key, show) => ({ title, of: (row) => row[key],
		row: atMost(key, show) });
	const columns = [nameColumn("Path", "path"),
		nameColumn("Share", "share"),
		figure("Time", "time_ns", duration),
		figure("Requests", "requests", count),
		figure("Failures", "failures", count),
		figure("Read", "read_bytes", bytes),
		figure("Written", "written_bytes", bytes)];

	section("files", "Hot files",
		"What the requests were for, the most time first. (+…): at " +
		"most so much more, from before the file was listed.",
		sortableTable("table-files", "Files", columns, files.files,
			column(columns, "Time")));
}
