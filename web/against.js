// SPDX-License-Identifier: GPL-3.0-or-later
// What has changed since another time.

function changeText(ns) {
	return ns === 0 ? "0" : (ns < 0 ? "−" : "+") + duration(Math.abs(ns));
}

function changeTable(id, title, head, key, rows) {
	const columns = [nameColumn(head, key),
		{ title: "Count before", of: (row) => row.count_before,
			show: count },
		{ title: "Now", of: (row) => row.count_after, show: count },
		{ title: "Average before", of: (row) => row.avg_before_ns,
			row: (row) => row.count_before === 0 ? NOT_KNOWN :
				duration(row.avg_before_ns) },
		{ title: "Now ", of: (row) => row.avg_after_ns,
			row: (row) => row.count_after === 0 ? NOT_KNOWN :
				duration(row.avg_after_ns) },
		{ title: "Change", of: (row) => Math.abs(row.change_ns),
			row: (row) => changeText(row.change_ns),
			help: "By how much one takes longer, times those now" },
		{ title: "Ratio", of: (row) => row.ratio || 0,
			row: (row) => row.ratio === null ||
				row.count_after === 0 ? NOT_KNOWN :
				row.ratio.toFixed(2) },
		{ title: "Beyond noise", text: true,
			of: (row) => row.beyond_noise ? "yes" : "no" }];

	return sortableTable(id, title, columns, rows,
		column(columns, "Change"));
}

function showAgainst(against) {
	section("against", "What has changed", "Against " +
		moment(against.before.since) + " to " +
		moment(against.before.timestamp) + ". Of operations it is " +
		"the self time, without what is nested in them.",
		changeTable("against-requests", "SMB2 requests", "Request",
			"request", against.smb2_requests),
		changeTable("against-operations", "VFS operations",
			"Operation", "op", against.vfs_operations));
}
