/*
 * THE table of what the doctor checks, in the order in which it tells. What
 * comes first may be the cause of what follows.
 *
 *   CHECK(name, why)
 *	check_name(), in a file doctor_*.c, looks for one kind of fault.
 *	why	what it matters if it is there
 *
 * Define CHECK, which is undefined at the end, then include this file.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* doctor_module.c */
CHECK(samba, "There is nothing to measure on this machine; reports from others "
      "can be merged here.")
CHECK(module_file, "smbd refuses clients on a share that names a module it "
      "cannot load.")
CHECK(module_identity, "What smbd loads by this name is not vfs_latency.")
CHECK(module_rights, "smbd runs it as root: anyone who can write it can become "
      "root.")
CHECK(module_release, "In another release of Samba the module steps aside: "
      "the share is served, and nothing is measured.")
CHECK(module_loads, "smbd refuses clients on a share that names a module it "
      "cannot load.")
CHECK(module_version, "The reader may not know all that this module counts.")
CHECK(module_probes, "Without probes bpftrace, perf and SystemTap find nothing "
      "in it; counters are not affected.")

/* doctor_conf.c */
CHECK(smb_conf, "Which shares are measured, and where, cannot be known.")
CHECK(module_name, "smbd refuses clients on a share that names a module that "
      "does not exist.")
CHECK(shares, "Only shares whose 'vfs objects' name the module are measured.")
CHECK(shares_left_out, "A share with a 'vfs objects' line of its own does not "
      "have that of [global].")
CHECK(position, "The module sees only what passes through it: the time of "
      "modules in front of it is in no VFS operation.")
CHECK(option_names, "Samba says nothing about an option it does not know, and "
      "the option has no effect.")
CHECK(option_values, "The option has no effect, or not the intended one.")

/* doctor_segments.c */
CHECK(directory_parent, "smbd makes the segment directory, but not its parent: "
      "without it, smbd goes on unmeasured.")
CHECK(directory_rights, "smbd trusts only a directory that belongs to root and "
      "that nobody else may write: with any other, it goes on unmeasured.")
CHECK(room, "A segment is made only where there is room for it: new smbds go "
      "on unmeasured.")
CHECK(segments, "What cannot be read is left out of all reports.")
CHECK(switched_off, "An smbd that does not measure counts nothing.")
CHECK(uncounted, "Totals miss what there was no room for.")

/* doctor_smbd.c */
CHECK(smbd_running, "Nothing is measured until clients can connect.")
CHECK(smbd_replaced, "An smbd of a version other than the module's is not "
      "measured once it loads the module.")
CHECK(module_replaced, "They go on counting, as the old module does.")
CHECK(smbd_directory, "Reports look where smb.conf says now.")
CHECK(smbd_segment, "It serves its clients, but what it does is not counted.")
CHECK(smbd_older, "The module is loaded when a client connects to a share: "
      "clients that were there before are not measured.")

/* doctor_service.c */
CHECK(service_rights, "It runs and finds nothing: there are no metrics, or no "
      "history.")

/* doctor_machine.c */
CHECK(exporter, "Prometheus gets no metrics.")
CHECK(bpftrace, "The scripts of docs/probes.md cannot run; counters are not "
      "affected.")
CHECK(clock, "Without the processor's time stamp counter each operation costs "
      "two calls to the kernel's clock, which take twice the time or more.")
CHECK(profiling, "Samba's own profiling takes smbd's time for every call, "
      "as much as the module or more, and is in what we measure.")

#undef CHECK
