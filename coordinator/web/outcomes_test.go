package web

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

// showing is a run whose evaluations show more than figures.
type showing struct {
	*fixed
	draws bool
}

func (s showing) Outcome(step uint64) (text []byte, steps []uint64) {
	if step == 0 || step == 20 {
		text = []byte(`{"step":20}`)
	}
	return text, []uint64{10, 20}
}

func (s showing) Draws() bool { return s.draws }

func (s showing) Pictures(samples []int) ([]byte, error) {
	if !s.draws {
		return nil, errors.New("nothing to draw")
	}
	return fmt.Appendf(nil, "%v", samples), nil
}

func TestOutcomesAndPictures(t *testing.T) {
	for _, c := range []struct {
		src    Source
		target string
		code   int
		want   string
	}{
		{showing{&fixed{}, true}, "/api/outcome", 200, `{"steps":[10,20],"outcome":{"step":20},"pictures":true}`},
		{showing{&fixed{}, false}, "/api/outcome?step=11", 200, `{"steps":[10,20],"outcome":null,"pictures":false}`},
		{&fixed{}, "/api/outcome", 200, `{"steps":[],"outcome":null,"pictures":false}`},
		{&fixed{}, "/api/outcome?step=x", 400, "whole number"},
		{&fixed{}, "/api/outcome?run=other", 404, "no run is called so"},
		{showing{&fixed{}, true}, "/api/pictures?samples=3,0,17", 200, "[3 0 17]"},
		{showing{&fixed{}, false}, "/api/pictures?samples=3", 404, "nothing to draw"},
		{&fixed{}, "/api/pictures?samples=3", 404, "not read here"},
		{&fixed{}, "/api/pictures", 400, "whole numbers"},
		{&fixed{}, "/api/pictures?samples=-1", 400, "whole numbers"},
		{&fixed{}, "/api/pictures?samples=" + strings.Repeat("1,", 16) + "1", 400, "17 samples, at most 16"},
	} {
		w := httptest.NewRecorder()
		handlerOf(c.src).ServeHTTP(w, httptest.NewRequest("GET", c.target, nil))
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: %d %s, want %d with %s", c.target, w.Code, w.Body, c.code, c.want)
		}
	}
}
