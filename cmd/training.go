package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/rondo-ml/rondo/cmd/inside"
	"github.com/rondo-ml/rondo/coordinator"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/checkpoint"
	"github.com/rondo-ml/rondo/worker/machine"
)

// training is one `rondo train`.
type training struct {
	file                *runfile.File
	path                string
	options             trainOptions
	level               slog.Level // of what is logged on errout
	out                 io.Writer
	errout              io.Writer
	progress            progress
	log                 *slog.Logger
	voice               voice
	work                workDir // certificates and sockets
	logs                string  // directory of the logs
	children            children
	crew                crew
	program             string // the path of this one
	dataHash, validHash string
	memory              worker.MemoryPlan // of each worker
	placement           placement
	coord               *coordinator.Coordinator
	chaos               *chaosRun // nil: the run is not a part of `rondo chaos`
}

// leaveGrace is how long workers may take to leave once the run has ended.
const leaveGrace = 1500 * time.Millisecond

// run trains until the run ends, and says how it went.
func (t *training) run(ctx context.Context) error {
	if err := t.checkData(); err != nil {
		return err
	}
	if err := t.checkEarlierRun(); err != nil {
		return err
	}
	json := t.options.logs.json
	t.progress = newProgress(t.out, t.errout, troubles{json: json, provoked: t.chaos != nil})
	defer t.progress.done()
	t.voice = voice{t.progress, json}
	defer t.work.remove()
	defer t.children.kill()
	defer t.crew.end()
	ctx, cancel := onSignal(ctx, voice{t.errout, json}, func() {
		t.crew.end()
		t.children.kill()
		t.work.remove()
	})
	defer cancel()
	defer t.children.followSuspension()()
	logFile, err := t.prepare()
	if err != nil {
		return err
	}
	defer logFile.Close()
	authority, err := identity.NewAuthority()
	if err != nil {
		return err
	}
	if err := t.startCoordinator(authority); err != nil {
		return err
	}
	defer t.coord.Close()
	if err := t.tellSteering(authority); err != nil {
		return err
	}
	if addr := t.coord.StatusAddr(); addr != "" {
		fmt.Fprintf(t.out, "status page  http://%s\n", addr)
	}
	fmt.Fprintf(t.out, "memory       %v\n", t.memory)
	if scant := machine.Here().Scant(t.options.workers.start() * t.options.threads); scant != "" {
		t.voice.say(slog.LevelWarn, scant)
	}
	t.placement = placementHere(t.options.workers.start(), t.options.threads)
	t.placement.print(t.out)
	if err := t.startWorkers(authority); err != nil {
		return err
	}
	if t.chaos != nil {
		defer t.chaos.accompany(t)()
	}
	result := t.follow(ctx)
	t.crew.end()
	t.children.end(leaveGrace)
	defer linger(ctx, t.coord)
	return t.conclude(result)
}

// local is the directory of this machine for logs and record: that of the checkpoints, or, if those are in an object store, the one
// where they would be.
func (t *training) local() string {
	if runfile.Stored(t.file.Checkpoint.Dir) {
		return filepath.Join("runs", t.file.Name)
	}
	return t.file.Checkpoint.Dir
}

// prepare makes the directories and opens the coordinator's log.
func (t *training) prepare() (logFile *os.File, err error) {
	t.logs = filepath.Join(t.local(), "logs")
	if err := checkpoint.MakeDir(checkpoint.OS{}, t.logs); err != nil {
		return nil, fmt.Errorf("checkpoint.dir: %w; it must be a directory that can be written", err)
	}
	if logFile, err = openLog(t.logs, "coordinator"); err != nil {
		return nil, err
	}
	t.log = slog.New(slog.NewMultiHandler(
		t.options.logs.handler(logFile, min(t.level, slog.LevelInfo)), t.options.logs.handler(t.progress, t.level)))
	err = adviseTCP(t.work.make(workParents(), t.options.ring == "unix"))
	if err == nil {
		err = os.WriteFile(filepath.Join(t.work.path, "run.yaml"), []byte(t.file.YAML()), 0o600)
	}
	if err != nil {
		logFile.Close()
		return nil, err
	}
	return logFile, nil
}

func (t *training) startCoordinator(authority *identity.Authority) error {
	creds, err := t.credentials(authority, "coordinator", identity.CoordinatorRole)
	if err != nil {
		return err
	}
	cfg := coordinator.DefaultConfig()
	cfg.Run = t.file
	cfg.Workers, cfg.Least, cfg.Most = t.options.workers.start(), t.options.workers.least, t.options.workers.limit(t.file.Batch.Lanes)
	cfg.Resume = t.options.run.resume
	cfg.Listen = "127.0.0.1:0"
	cfg.Look = inside.New(inside.Options{Threads: lookThreads, Weights: lookWeights}).Serve
	cfg.StatusListen, cfg.StatusHosts = t.options.status, t.options.statusHosts
	cfg.Points = livePoints(context.Background(), t.file)
	cfg.OnAlarm, cfg.TensorBoard = t.options.onAlarm, t.options.tensorBoard
	cfg.HeldOut = heldOut(t.file)
	cfg.RecordDir = filepath.Join(t.local(), "record")
	cfg.Credentials = creds
	cfg.DataHash, cfg.ValidHash = t.dataHash, t.validHash
	cfg.Version = api.Version()
	cfg.Again = t.options.again(t.path)
	cfg.SeesExits = true
	cfg.Log = t.log
	t.coord, err = coordinator.Start(context.Background(), cfg)
	if errors.Is(err, syscall.EADDRINUSE) && !t.options.statusGiven {
		cfg.StatusListen = "127.0.0.1:0" // another run of this machine has the usual one
		t.coord, err = coordinator.Start(context.Background(), cfg)
	}
	return err
}

func (t *training) credentials(authority *identity.Authority, name, role string) (*identity.Credentials, error) {
	p, err := authority.Write(t.work.path, name, role, "127.0.0.1", "localhost")
	if err != nil {
		return nil, err
	}
	return identity.Load(p.CA, p.Cert, p.Key)
}

// startWorkers starts the crew.
func (t *training) startWorkers(authority *identity.Authority) (err error) {
	if t.program, err = os.Executable(); err != nil {
		return fmt.Errorf("the path of this program: %w", err)
	}
	return t.crew.begin(t, authority, t.options.workers.start())
}

// followEvery is how often the progress is drawn.
const followEvery = 200 * time.Millisecond

// follow shows the run's progress until it ends. When ctx is cancelled it asks
// the run to stop.
func (t *training) follow(ctx context.Context) coordinator.Result {
	defer t.progress.done()
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	asked := ctx.Done()
	said := ""
	for {
		select {
		case r := <-t.coord.Done():
			t.progress.show(t.coord.Status())
			return r
		case <-asked:
			asked = nil
			if t.chaos != nil {
				t.chaos.asked.Store(true)
			}
			t.voice.say(slog.LevelInfo, "saving and leaving after this step; once more leaves at once")
			t.coord.Stop("asked by a signal")
		case <-tick.C:
			s := t.coord.Status()
			t.progress.show(s)
			if err := t.crew.keep(); err != nil && err.Error() != said {
				said = err.Error() // it is tried again with every tick
				t.voice.say(slog.LevelWarn, err.Error())
			}
		}
	}
}
