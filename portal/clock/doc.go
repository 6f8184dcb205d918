// Package clock works out the statutory clock of an application for
// disclosure (依申请公开): which day is the last to answer on, who is being
// waited for, and why, day by day.
//
// It is one pure function, [Compute], over three things: the rules of a
// jurisdiction (data, versioned by date of effect), a working calendar (data:
// the yearly notices with their make-up working days, 调休), and the recorded
// events of a case. Nothing it returns is ever stored as truth; pages, the
// API, the command line and reports all ask it again.
//
// The package imports nothing of ours and does no I/O; the data files are
// embedded.
package clock
