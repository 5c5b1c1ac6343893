// Package machine reads what the system grants this process: processors, a quota of their time, memory, and the
// nodes of memory that processors are near to.
//
// A container's limits are control groups, in a tree: every group from the process's own up to the root
// binds, so the tightest on the way counts. Version 1 has a tree for each controller, version 2 one for all, and
// a hybrid system both; each is read where the process's mounts show it (cgroup.go). The Go runtime reads the own
// group alone, and rounds up to two processors at least; threads that compute without a pause then use up their quota
// before its period is over and stand still for the rest. [Limits.Threads] rounds down. The ring's own thread is not taken
// off: it has what the others leave while they wait for each other, for the ring and for the end of a step, which is more than it takes.
//
// Everything is read through an fs.FS whose root is "/", so that tests hold whole trees of other machines in
// tables. What cannot be read limits nothing: systems without control groups have none.
package machine
