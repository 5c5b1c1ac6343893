package runfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Continues says what keeps a run, of which done steps were taken under the Bits past, from going on under the Bits
// now: the fields in which they differ, each with both values, as Diff names them. It is empty when the run can go on,
// and then ends with the bits that it would have had under now from its beginning.
//
// Alone the number of steps may differ, where the learning rate of the steps that are done does not follow from it: in
// most schedules, in those with an end of their own (schedule.over), and in all until they have run their first step behind the warm-up.
func Continues(past, now map[string]string, done uint64) []string {
	diff := Diff(past, now)
	at := slices.IndexFunc(diff, func(s string) bool { return strings.HasPrefix(s, "steps: ") })
	if at < 0 {
		return diff
	}
	steps, _ := strconv.ParseUint(now["steps"], 10, 64)
	warmup, _ := strconv.ParseUint(now["schedule.warmup"], 10, 64)
	kind := now["schedule.kind"]
	switch {
	case steps < done:
		diff[at] += fmt.Sprintf(" (%d steps are done)", done)
	case !endsByItself(now) && slices.Contains(followSteps, kind) && done > warmup+1:
		diff[at] += fmt.Sprintf(" (schedule.kind = %s: the learning rate of the %d steps that are done follows from steps, "+
			"so that a run of %[3]d would have had another; under a schedule that does not end with the run, as constant, steps may differ)", kind, done, steps)
	default:
		return slices.Delete(diff, at, at+1)
	}
	return diff
}

// endsByItself says whether the schedule has an end of its own, and does not ask how long the run is.
func endsByItself(bits map[string]string) bool {
	over, _ := strconv.ParseUint(bits["schedule.over"], 10, 64)
	return over > 0
}

// followSteps are the schedules whose rates follow from the length of the run.
var followSteps = []string{"linear", "cosine", "polynomial", "one-cycle"}
