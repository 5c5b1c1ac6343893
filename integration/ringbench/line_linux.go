package main

import (
	"fmt"
	"os/exec"
	"strings"
	"syscall"
)

type host struct{ namespace, address string }

// limitedLine joins two namespaces by a line of so many Mbit/s each way. down
// takes all of it away again.
func limitedLine(mbit int) (ends []host, down func(), err error) {
	ends = []host{{"ringbench-a", "10.83.7.1"}, {"ringbench-b", "10.83.7.2"}}
	down = func() {
		for _, h := range ends {
			_ = exec.Command("ip", "netns", "del", h.namespace).Run()
		}
	}
	commands := []string{
		"ip netns add ringbench-a", "ip netns add ringbench-b",
		"ip link add ringbench0 netns ringbench-a type veth peer name ringbench1 netns ringbench-b",
	}
	for i, h := range ends {
		in, device := "ip netns exec "+h.namespace+" ", fmt.Sprintf("ringbench%d", i)
		commands = append(commands, in+"ip addr add "+h.address+"/24 dev "+device, in+"ip link set "+device+" up", in+"ip link set lo up",
			// The queue of a network card: 1 ms of the line in a burst, 10 ms waiting.
			in+fmt.Sprintf("tc qdisc add dev %s root tbf rate %dmbit burst %d latency 10ms", device, mbit, max(mbit*1000/8, 10_000)))
	}
	for _, line := range commands {
		words := strings.Fields(line)
		if said, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
			down()
			return nil, nil, fmt.Errorf("%s: %w: %s", line, err, strings.TrimSpace(string(said)))
		}
	}
	return ends, down, nil
}

// processTime is the processor time of this process, in seconds.
func processTime() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}
