// Package web is the coordinator's status page, and the JSON, metrics and
// health answers beside it.
//
//	/               the page
//	/static/...     its scripts, styles and pictures, embedded in the binary
//	/api/status     api.Status as JSON; ?since=N, of the Next of another, asks
//	                for the events and evaluations that came behind it
//	/api/series     history.Series as JSON: ?from=STEP&to=STEP&points=N
//	                &columns=NAME,NAME
//	/api/runs       api.Runs as JSON: what each run came to, and how they
//	                differ from ?base=NAME; status, series, outcome, pictures,
//	                network and health take ?run=NAME, the first without
//	/api/outcome    api.Outcomes as JSON: what the evaluation after ?step=N
//	                shows beside its figures, the newest without
//	/api/pictures   a PNG of ?samples=N,N of the held-out set
//	/api/desired    api.Desired as JSON: how many workers an autoscaler should
//	                start; 503 where another coordinator leads
//	/api/network    api.NetworkGraph as JSON: the layers of the network
//	/api/health     api.LayersHealth as JSON: how they fare, the worst first;
//	                ?layer=NAME asks for the history of one. While somebody
//	                asks, the first worker measures a step now and then
//	/api/waterfall  api.Waterfalls as JSON: where the time of a step went on
//	                each worker; while somebody asks they tell it now and then.
//	                Of a run that is read from its directory, the recorded ?step=N,
//	                the newest without
//	/api/look/...   what the network of a checkpoint has learnt, where Options
//	                say who answers: see package cmd/inside
//	/api/projector... points of the checkpoints, where Options say who answers:
//	                see package nn/projection/projector
//	/metrics        Prometheus
//	/healthz        200 while the process serves
//	/readyz         200 while workers can join, the run gets on, has finished or
//	                was stopped, or this one stands by; else 503: a run that
//	                stands still, stops or failed
//
// Everything is read-only: the page can show a run and never steer it. So GET
// and HEAD are the only methods, but for a picture to look at, which is sent to
// /api/look/picture by POST as image/png or image/jpeg. Another site's form cannot
// send these types, and the picture is kept for a while and changes nothing. So there
// is nothing for a forged request to do. What is left to guard is who may read:
//
//   - a connection that arrives over the loopback interface must name a
//     loopback host, or a proxy's that was given (--status-host), so that a
//     foreign site cannot read the page by pointing its own name at 127.0.0.1
//     (DNS rebinding);
//   - what takes minutes to compute (look, projector) is refused to a page of
//     another site, which could have it computed without reading it;
//   - the content security policy lets the page load from its own server and
//     from nowhere else, and runs no inline script. Text that comes from
//     workers or from the run file enters the page as text nodes only.
//
// Numbers that JSON cannot say (NaN, infinities: a diverged run has them)
// become null.
//
// A run takes its coordinator with it, and an open page asks but once a second.
// So each page names itself (Rondo-Page), and Linger waits for those that are
// open until they have been given the end.
//
// # The page
//
// Hand-written, without a build step: assets/index.html, style sheets and
// modules. main.js wires them; api.js asks for what is new each second and backs
// off when nobody answers; route.js keeps what the reader chose in the address;
// shell.js loads the view that it names from views/. Each part changes only the
// nodes whose content changed. Charts are drawn by uPlot, vendored
// with its licence in assets/vendor/uplot. Nothing on the page moves unless
// data moves it: the processors belong to the run.
//
// WriteReport writes the page with the answers for several runs inside, as one
// file: bundle.go makes one script of the modules, and kept.js answers in a
// coordinator's stead.
//
// The browser tests need Chromium and are built with the tag "browser":
//
//	go test -tags browser ./coordinator/web
package web
