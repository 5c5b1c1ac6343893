package machine

import (
	"fmt"
	"io/fs"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Node is a NUMA node: processors and the memory that they are near to.
type Node struct {
	Number     int
	Processors []int // in order; those on which this process may run
}

// String is "node 0: processors 0-15".
func (n Node) String() string {
	return fmt.Sprintf("node %d: processors %s", n.Number, listText(n.Processors))
}

// mostProcessors bounds the numbers in a list: no system has more.
const mostProcessors = 1 << 16

// Nodes returns the nodes that have processors among those allowed, by number. Where the system tells of none, all
// are one node.
func Nodes(root fs.FS, allowed []int) []Node {
	var nodes []Node
	entries, _ := fs.ReadDir(root, "sys/devices/system/node")
	for _, e := range entries {
		digits, is := strings.CutPrefix(e.Name(), "node")
		number, err := strconv.Atoi(digits)
		if !is || err != nil {
			continue
		}
		text, err := fs.ReadFile(root, "sys/devices/system/node/"+e.Name()+"/cpulist")
		if err != nil {
			continue
		}
		own, err := parseList(strings.TrimSpace(string(text)))
		if err != nil {
			continue
		}
		own = slices.DeleteFunc(own, func(p int) bool { return !slices.Contains(allowed, p) })
		if len(own) > 0 { // a node may be memory alone
			nodes = append(nodes, Node{number, own})
		}
	}
	sort.SliceStable(nodes, func(i, j int) bool { return nodes[i].Number < nodes[j].Number })
	if len(nodes) == 0 && len(allowed) > 0 {
		nodes = []Node{{0, allowed}}
	}
	return nodes
}

// parseList reads the kernel's form of sets of numbers: "0-3,8,10-11".
func parseList(text string) (list []int, err error) {
	if text == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		low, high, ranged := strings.Cut(part, "-")
		if !ranged {
			high = low
		}
		a, errA := strconv.Atoi(low)
		b, errB := strconv.Atoi(high)
		if errA != nil || errB != nil || a < 0 || b < a || b >= mostProcessors || len(list)+b-a >= mostProcessors {
			return nil, fmt.Errorf("%q is no list of processors", text)
		}
		for n := a; n <= b; n++ {
			list = append(list, n)
		}
	}
	return list, nil
}

// listText is the kernel's form of a set of numbers.
func listText(list []int) string {
	var parts []string
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		if part := strconv.Itoa(list[i]); j > i {
			parts = append(parts, part+"-"+strconv.Itoa(list[j]))
		} else {
			parts = append(parts, part)
		}
		i = j + 1
	}
	return strings.Join(parts, ",")
}
