package coordinator

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// player turns the lines of a script into events and shows what decide makes
// of them. testdata/README says what the commands are.
type player struct {
	t     *testing.T
	now   time.Time
	began time.Time // of the block
	s     state
	conns map[string]uint64 // newest stream of each worker
	next  uint64
	beats map[string]*beating // of workers that say what they do
	out   strings.Builder
}

// line is one command: words, key=value options, and a text after ": ".
type line struct {
	command string
	words   []string
	options map[string]string
	text    string
}

func parseLine(text string) line {
	l := line{options: map[string]string{}}
	text, l.text, _ = strings.Cut(text, ": ")
	for i, word := range strings.Fields(text) {
		key, value, option := strings.Cut(word, "=")
		switch {
		case i == 0:
			l.command = word
		case option:
			l.options[key] = value
		default:
			l.words = append(l.words, word)
		}
	}
	return l
}

func (l line) number(key string, otherwise uint64) uint64 {
	n, err := strconv.ParseUint(l.options[key], 10, 64)
	if err != nil {
		return otherwise
	}
	return n
}

// when is the step of at=100 or at=+100.
func (l line) when() when {
	text, ahead := strings.CutPrefix(l.options["at"], "+")
	n, _ := strconv.ParseUint(text, 10, 64)
	return when{n, ahead}
}

func (l line) get(key, otherwise string) string {
	if v, ok := l.options[key]; ok {
		return v
	}
	return otherwise
}

func (l line) has(word string) bool {
	for _, w := range l.words {
		if w == word {
			return true
		}
	}
	return false
}

// play runs the commands of a block and returns what came of them.
func (p *player) play(commands string) string {
	p.out.Reset()
	p.began = p.now
	reason := p.s.Reason
	for _, text := range strings.Split(strings.TrimSpace(commands), "\n") {
		if !strings.HasPrefix(text, "#") {
			p.command(parseLine(text))
		}
	}
	if p.s.Reason != reason {
		fmt.Fprintf(&p.out, "= %s: %s\n", p.s.Phase, p.s.Reason)
	}
	if p.out.Len() == 0 {
		return "nothing\n"
	}
	return p.out.String()
}

func (p *player) command(l line) {
	switch l.command {
	case "run":
		p.run(l)
	case "join", "again":
		p.next++
		p.conns[l.words[0]] = p.next
		p.event(workerJoined{p.next, p.hello(l), l.text})
	case "record-fails":
		p.event(recordFailed{l.text})
	case "record-looked":
		p.event(recordLooked{l.text})
	case "stop":
		p.event(stopAsked{l.text, l.when()})
	case "lr":
		rate, err := strconv.ParseFloat(l.words[0], 64)
		if err != nil {
			p.t.Fatal(err)
		}
		p.event(rateAsked{rate, l.text, l.when()})
	case "checkpoint":
		p.event(checkpointAsked{l.text, l.when()})
	case "scale":
		n, err := strconv.Atoi(l.words[0])
		if err != nil {
			p.t.Fatal(err)
		}
		p.event(scaleAsked{n})
	case "exit":
		p.event(workerExited{l.words[0], l.text})
	case "why":
		fmt.Fprintf(&p.out, "why: %s\n", p.s.why(p.now))
	case "does":
		for _, name := range p.names(l) {
			p.beats[name] = p.beating(l)
		}
	case "after":
		d, err := time.ParseDuration(l.words[0])
		if err != nil {
			p.t.Fatal(err)
		}
		p.after(d, l)
	case "pause":
		d, err := time.ParseDuration(l.words[0])
		if err != nil {
			p.t.Fatal(err)
		}
		p.now = p.now.Add(d)
	default:
		for _, name := range p.names(l) {
			p.event(p.said(l, p.conns[name]))
		}
	}
}

// names are the workers that a command is about; none means all.
func (p *player) names(l line) []string {
	if len(l.words) > 0 {
		return l.words
	}
	var all []string
	for i := range p.s.Members {
		all = append(all, p.s.Members[i].Name)
	}
	return all
}

// said is what a worker says by its stream.
func (p *player) said(l line, conn uint64) event {
	step := l.number("step", 0)
	switch l.command {
	case "ready":
		return workerReady{conn, l.number("generation", p.s.Generation)}
	case "step":
		r := &api.StepReport{Step: step, Loss: 2}
		switch l.options["took"] {
		case "stop":
			r.Decision = &api.Decision{Stop: true, Id: p.s.LastAsk}
		case "checkpoint":
			r.Decision = &api.Decision{Checkpoint: true, Id: p.s.LastAsk}
		case "":
		default:
			rate, err := strconv.ParseFloat(l.options["took"], 64)
			if err != nil {
				p.t.Fatal(err)
			}
			r.Decision = &api.Decision{Lr: rate, Clear: rate == 0, Id: p.s.LastAsk}
		}
		return stepReported{conn, r}
	case "evaluated":
		return evaluated{conn, &api.Evaluated{Step: step, Loss: 1}}
	case "saved":
		file := fmt.Sprintf("part-%d", conn)
		return saved{conn, &api.Saved{Step: step, Last: l.options["last"] != "", Again: l.options["again"] != "", Error: l.text,
			Files: []*api.FileInfo{{Name: l.get("file", file), Size: 100}}}}
	case "verified":
		return verified{conn, step, l.text}
	case "committed":
		return committed{conn, &api.Committed{Step: step, Digest: l.get("digest", "d1235"), Error: l.text}}
	case "finished":
		return finished{conn, step, l.options["stopped"] != ""}
	case "failed":
		return workerFailed{conn, &api.Failed{Kind: api.Failed_Kind(api.Failed_Kind_value[l.options["kind"]]),
			Step: step, Peer: l.options["peer"], Generation: l.number("generation", p.s.View.Generation), Error: l.text}}
	case "parted":
		return parted{conn, l.number("generation", p.s.View.Generation), step}
	case "lost":
		return workerLost{Conn: conn, Cause: l.text}
	case "leave":
		return workerLeaves{conn}
	case "heartbeat":
		return heartbeat{Conn: conn}
	}
	p.t.Fatalf("the script has a command %q", l.command)
	return nil
}

// after lets time pass in ticks. Those named beat=NAME,… send heartbeats.
func (p *player) after(d time.Duration, l line) {
	for end := p.now.Add(d); p.now.Before(end); {
		p.now = p.now.Add(tickEvery)
		for _, name := range strings.Split(l.options["beat"], ",") {
			p.event(heartbeat{p.conns[name], p.beats[name].next(tickEvery)})
		}
		p.event(tick{})
	}
}

func (p *player) event(e event) {
	next, actions, reason := decide(p.now, p.s, e)
	if reason != next.Reason {
		p.t.Errorf("%T: the reason %q is not the state's %q", e, reason, next.Reason)
	}
	p.s = next
	for _, a := range actions {
		if passed := p.now.Sub(p.began); passed > 0 {
			fmt.Fprintf(&p.out, "+%v ", passed)
		}
		fmt.Fprintln(&p.out, shown(a))
	}
}
