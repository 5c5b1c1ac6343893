package checkpoint

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// The groups of tensors of every checkpoint; those of the lanes are named by LaneGroup.
const (
	Weights   = "weights"
	Optimizer = "optimizer"
)

const (
	manifestName = "manifest.json"
	temporary    = ".tmp"
	extension    = ".safetensors"
	maxStep      = 999_999_999 // nine digits
)

// LaneGroup is the group of the state that a lane carries.
func LaneGroup(lane int) string { return fmt.Sprintf("lane-%03d", lane) }

// FileName is the name of the file of a group that lies in one file.
func FileName(group string) string { return group + extension }

// PartName is the name of one of the files of a group that lies in several.
func PartName(group string, part int) string { return fmt.Sprintf("%s.%03d%s", group, part, extension) }

// fileNames are the names that files of a checkpoint may have: none of them leaves the directory.
var fileNames = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}(\.[0-9]{3})?\.safetensors$`)

// groupOf is the group of a file's name.
func groupOf(name string) string {
	group, _, _ := strings.Cut(name, ".")
	return group
}

// DirName is the name of the directory of a step's checkpoint.
func DirName(step uint64) string { return fmt.Sprintf("step-%09d", step) }

// stepOf is the step of such a name, and whether it is one.
func stepOf(name string) (uint64, bool) {
	digits, ok := strings.CutPrefix(name, "step-")
	step, err := strconv.ParseUint(digits, 10, 64)
	return step, ok && err == nil && name == DirName(step)
}
