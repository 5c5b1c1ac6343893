package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

type host struct{ namespace, address string }

// limitedLine joins two namespaces by a line of so many Mbit/s each way. down
// takes all of it away again.
func limitedLine(mbit int) (ends []host, down func(), err error) {
	pid := os.Getpid()
	ends = []host{{fmt.Sprintf("ringbench-%d-a", pid), "10.83.7.1"}, {fmt.Sprintf("ringbench-%d-b", pid), "10.83.7.2"}}
	down = func() {
		for _, h := range ends {
			_ = exec.Command("ip", "netns", "del", h.namespace).Run()
		}
	}
	a, b := ends[0].namespace, ends[1].namespace
	commands := []string{"ip netns add " + a, "ip netns add " + b,
		"ip link add ring0 netns " + a + " type veth peer name ring1 netns " + b}
	for i, h := range ends {
		in, device := " -n "+h.namespace, fmt.Sprintf("ring%d", i)
		commands = append(commands, "ip"+in+" addr add "+h.address+"/24 dev "+device, "ip"+in+" link set "+device+" up", "ip"+in+" link set lo up",
			// The queue of a network card: 1 ms of the line in a burst, 10 ms waiting.
			fmt.Sprintf("tc%s qdisc add dev %s root tbf rate %dmbit burst %d latency 10ms", in, device, mbit, max(mbit*1000/8, 10_000)))
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
