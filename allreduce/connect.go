package allreduce

import (
	"context"
	"crypto/tls"
	"sync"
)

// Connect makes the two links of worker self of a view: it dials address, where
// the next worker listens, and meanwhile accepts the previous one on l. hello
// needs Run, Config, Name and, if wished, Names; the view gives the rest. It blocks until both
// neighbours have done the same, ctx ends, or one refuses. For one worker both
// links are nil.
func Connect(ctx context.Context, view View, self int, l *Listener, address string, config *tls.Config, hello Hello, opts ...LinkOption) (next, prev Link, err error) {
	if err := view.check(self); err != nil || view.Workers() == 1 {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	to, from := hello, hello
	to.Generation, to.From, to.To = view.Generation, self, view.Next(self)
	from.Generation, from.From, from.To = view.Generation, self, view.Prev(self)

	// The first of the two to fail ends the other.
	var once sync.Once
	var first error
	linked := linkOptionsOf(opts).linked
	try := func(toNext bool, link Link, err error) Link {
		if err == nil && linked != nil {
			linked(toNext)
		}
		if err != nil {
			once.Do(func() { first = err })
			cancel(err)
			return nil
		}
		return link
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		link, err := Dial(ctx, address, config, to, opts...)
		next = try(true, link, err)
	})
	link, err := l.Accept(ctx, from)
	prev = try(false, link, err)
	wg.Wait()
	if first == nil {
		return next, prev, nil
	}
	for _, link := range []Link{next, prev} {
		if link != nil {
			link.Close()
		}
	}
	return nil, nil, first
}
