//go:build browser

package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/rondo-ml/rondo/nn/projection/projector"
	"github.com/rondo-ml/rondo/tensor"
)

// serveClouds serves n points round five centres, each with a label and the number of its centre.
func serveClouds(t testing.TB, n int) string {
	return servePoints(t, projector.One{Set: clouds(n, 0)})
}

func servePoints(t testing.TB, source projector.Source) string {
	server := httptest.NewServer(NewProjector(answers(t, source)))
	t.Cleanup(server.Close)
	return server.URL + "/"
}

func answers(t testing.TB, source projector.Source) http.Handler {
	points, _ := projector.Handler(t.Context(), nil, source, projector.Settings{Method: "pca", Dims: 2, Metric: "cosine", Perplexity: 10, Neighbors: 10, Seed: 1})
	return points
}

// clouds are points round five centres, the farther apart the later the step is.
func clouds(n int, step uint64) *projector.Set {
	const dims, centres = 12, 5
	set := &projector.Set{Name: "clouds", Points: tensor.NewMatrix(n, dims), Columns: []string{"label", "centre"}, Values: make([][]string, 2)}
	for i := range n {
		row := set.Points.Row(i)
		for j := range row {
			row[j] = 0.25 * tensor.Normal([2]uint32{1, 0}, [4]uint32{uint32(i), uint32(j)})
		}
		row[i%centres] += 1 + float32(step)/10
		set.Values[0] = append(set.Values[0], fmt.Sprintf("word%d", i))
		set.Values[1] = append(set.Values[1], fmt.Sprint(i%centres))
	}
	return set
}

// cloudSteps are clouds at several steps, with pictures; those of step 40 are never there.
type cloudSteps struct{ n int }

func (s cloudSteps) Menu(c projector.Choice) (projector.Menu, projector.Choice, error) {
	m := projector.Menu{Of: []string{"embedding.weight", "features of the validation set", "never"}, Steps: []uint64{10, 20, 30}}
	if c.Of == "" {
		c.Of = m.Of[0]
	}
	if c.Step == 0 {
		c.Step = 30
	}
	return m, c, nil
}

func (s cloudSteps) Open(ctx context.Context, c projector.Choice, progress func(done, all int)) (*projector.Set, projector.Cache, error) {
	if c.Of == "never" {
		progress(1, 4)
		<-ctx.Done()
		return nil, projector.Cache{}, ctx.Err()
	}
	set := clouds(s.n, c.Step)
	pictures := projector.NewSpriteMaker(s.n, 8, 8, 1024)
	for i := range s.n {
		pictures.Add(bytes.Repeat([]byte{byte(40 * (i % 5)), 90, 200}, 64), 8, 8, 3)
	}
	set.Sprite = pictures.Sprite()
	return set, projector.Cache{}, nil
}

// slow are what Chromium says where pictures are read back, without a graphics card.
var slow = []string{"GPU stall due to ReadPixels", "willReadFrequently"}

const drawn = `Number(document.querySelector(".stage")?.dataset.drawn) > 0`

// said waits for what is written below the points.
func (p *tab) said(what string) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`document.getElementById("points-said")?.textContent.includes(%q)`, what))
}

// TestProjector goes through the view: methods, dimensions, search, neighbours, axes, and the address that keeps it all.
func TestProjector(t *testing.T) {
	url := serveClouds(t, 200)
	for kind, gl := range map[string]string{"WebGL2": "gl=1", "canvas": "gl=0"} {
		l := desktop
		if kind == "canvas" {
			l = look{width: 390, height: 844, dark: true}
		}
		t.Run(kind, func(t *testing.T) { // closes its tabs, which else go on drawing
			p := open(t, url+"#projector?"+gl, l, slow...)
			p.wait(drawn)
			p.said("200 points of 12 numbers · PCA · " + kind)
			p.do(chromedp.Evaluate[chromedp.Void](`void document.querySelector("input[name=points-method][value=umap]").click()`))
			p.said("UMAP")
			p.do(chromedp.Evaluate[chromedp.Void](`void document.querySelector("input[name=points-dims][value='3']").click()`))
			p.wait(`document.querySelector(".stage canvas").getAttribute("aria-label").includes("in 3 dimensions")`)
			p.do(chromedp.Evaluate[chromedp.Void](`{ const q = document.getElementById("points-q"); q.value = "word19"; q.dispatchEvent(new Event("input")) }`))
			p.wait(`document.querySelectorAll("#points-hits li").length === 11`) // word19, word190 … word199
			p.do(chromedp.Evaluate[chromedp.Void](`void document.querySelector("#points-hits button").click()`))
			p.wait(`document.querySelectorAll("#points-near li").length === 20`)
			if got := p.text("#points-picked"); got != "label: word19 · centre: 4" {
				t.Errorf("picked %q", got)
			}
			for _, f := range [][2]string{{"xfrom", "word0"}, {"xto", "word1"}} {
				p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{ const f = document.getElementById("points-%s"); f.value = %q; f.dispatchEvent(new Event("input")) }`, f[0], f[1])))
			}
			p.wait(`document.getElementById("points-axes").textContent === "x from word0 (1) to word1 (1)"`)
			p.sound(l)
			for _, key := range []string{"ArrowRight", "+"} {
				p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`void document.querySelector(".stage .pointer").dispatchEvent(new KeyboardEvent("keydown", { key: %q }))`, key)))
			}
			p.wait(`decodeURIComponent(location.hash).includes("cam=0.633,0.350,1.000,0.000,0.000")`)
			hash := eval[string](p, "location.hash")
			for _, want := range []string{"method=umap", "dims=3", "q=word19", "pick=19", "xfrom=word0", "xto=word1"} {
				if !strings.Contains(hash, want) {
					t.Errorf("the address %s lacks %s", hash, want)
				}
			}
			again := open(t, url+hash, l, slow...)
			again.wait(drawn)
			again.said("UMAP")
			again.wait(`document.querySelectorAll("#points-near li").length === 20 && document.getElementById("points-q").value === "word19"`)
		})
	}
}

// TestProjectorTab finds the view among those of a run that has points, and not elsewhere; an answer about the run draws nothing anew.
func TestProjectorTab(t *testing.T) {
	d := &demo{workers: 2, step: 800}
	bare, _, _ := serve(t, d)
	p := open(t, bare+"#projector", desktop)
	p.wait(`document.querySelectorAll("#views a").length >= 2`)
	if tabs := p.text("#views"); strings.Contains(tabs, "Projector") {
		t.Errorf("a run without points has tabs %s", tabs)
	}
	server := httptest.NewServer(New(d, Options{Projector: answers(t, cloudSteps{60})}))
	t.Cleanup(server.Close)
	p = open(t, server.URL+"#projector?q=word1", desktop, slow...)
	p.wait(drawn)
	p.said("60 points of 12 numbers")
	drawnBefore := eval[string](p, `document.querySelector(".stage").dataset.drawn`)
	eval[bool](p, `new Promise((ok) => { const seen = new MutationObserver(() => ok(true)); seen.observe(document.getElementById("updated"), { childList: true, characterData: true, subtree: true }); })`)
	if now := eval[string](p, `document.querySelector(".stage").dataset.drawn`); now != drawnBefore {
		t.Errorf("drawn %s times, then %s", drawnBefore, now)
	}
}

// TestProjectorSteps goes from checkpoint to checkpoint on the axes of the last one, ends what takes too long, and shows pictures.
func TestProjectorSteps(t *testing.T) {
	for _, l := range []look{desktop, {width: 390, height: 844, dark: true}} {
		p := open(t, servePoints(t, cloudSteps{100})+"#projector", l, slow...)
		p.wait(drawn)
		p.said("step 30")
		p.do(chromedp.Evaluate[chromedp.Void](`{ const s = document.getElementById("points-step"); s.value = "0"; s.dispatchEvent(new Event("input")); s.dispatchEvent(new Event("change")) }`))
		p.said("step 10")
		if hash := eval[string](p, "location.hash"); hash != "#projector?set-step=10&beside=30" {
			t.Errorf("the address is %s", hash)
		}
		p.wait(`document.getElementById("points-beside").checked && document.getElementById("points-beside-line").textContent === "keep the axes of step 30"`)
		p.do(chromedp.Evaluate[chromedp.Void](`void document.getElementById("points-pictures").click()`))
		p.do(chromedp.Evaluate[chromedp.Void](`{ const q = document.getElementById("points-q"); q.value = "word7"; q.dispatchEvent(new Event("input")) }`))
		p.wait(`document.querySelector("#points-hits i")?.style.backgroundImage.includes("sprite")`)
		p.sound(l)
		p.do(chromedp.Evaluate[chromedp.Void](`{ const s = document.getElementById("points-of"); s.value = "never"; s.dispatchEvent(new Event("change")) }`))
		p.said("the points: 25 %")
		p.do(chromedp.Evaluate[chromedp.Void](`void document.getElementById("points-stop").click()`))
		p.said("stopped")
		p.do(chromedp.Evaluate[chromedp.Void](`{ const s = document.getElementById("points-of"); s.value = "embedding.weight"; s.dispatchEvent(new Event("change")) }`))
		p.said("100 points of 12 numbers · step 10")
	}
}

// TestProjectorBookmark writes what is shown as TensorBoard's page does, and reads it and what is not whole.
func TestProjectorBookmark(t *testing.T) {
	p := open(t, serveClouds(t, 60), desktop, slow...)
	p.wait(drawn)
	got := eval[string](p, `import("/static/pointfiles.js").then(({ bookmark, bookmarks, metadata }) => {
  const points = Float32Array.from({ length: 6 }, (_, i) => i / 2), camera = { yaw: 0.5, pitch: -0.25, zoom: 2, x: 0, y: 0 };
  const text = bookmark({ label: "a", method: "umap", dims: 3, points, wide: 9, pick: 1, near: [0], colour: "centre", camera });
  const [b] = bookmarks(text, 2), say = (f) => { try { f(); return "read"; } catch (error) { return error.message; } };
  const torn = JSON.parse(text);
  torn[0].projections[1]["umap-1"] = "x";
  return JSON.stringify([b.label, b.method, b.dims, [...b.points], b.pick, b.colour, [b.camera.yaw, b.camera.pitch, b.camera.zoom].map((v) => v.toFixed(2)),
    bookmarks(text, 3).length, bookmarks(JSON.stringify(torn), 2).length, bookmarks("[null, 1, {}]", 2).length, say(() => bookmarks("{}", 2)),
    metadata("a\tb\n1\t2\n3\t4\n", 2).values, metadata("x\ny", 2).columns, say(() => metadata("x", 2)), say(() => metadata("a\tb\n1\n", 1))]);
})`)
	if want := `["a","umap",3,[0,0.5,1,1.5,2,2.5],1,"centre",["0.50","-0.25","2.00"],0,0,0,"bookmarks are a list of states",` +
		`[["1","3"],["2","4"]],["label"],"1 lines for 2 points","line 1 of the points has 1 columns, and there are 2"]`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestProjectorPixels looks at what is drawn, with WebGL2 and without: points, each at the place that is meant for it.
func TestProjectorPixels(t *testing.T) {
	p := open(t, serveClouds(t, 60), desktop, slow...)
	p.wait(drawn)
	for _, plain := range []bool{false, true} {
		const look = `import("/static/cloud.js").then(({ Cloud, turned }) => {
  const canvas = document.createElement("canvas");
  canvas.style.width = "200px"; canvas.style.height = "100px";
  document.body.append(canvas);
  const cloud = new Cloud(canvas, %v);
  cloud.setPlaces(new Float32Array([-1, 0, 0, 1, 0, 0, 0, 1, 0]));
  cloud.setColours(new Uint8Array([255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255]), new Float32Array([1, 1, 1]));
  cloud.draw(turned({ yaw: 0, pitch: 0, zoom: 1, x: 0, y: 0 }, 200, 100), 10);
  const copy = new OffscreenCanvas(200, 100).getContext("2d");
  copy.drawImage(canvas, 0, 0);
  const at = (x, y) => [...copy.getImageData(x, y, 1, 1).data].join();
  canvas.remove();
  return [at(55, 50), at(145, 50), at(100, 5), at(100, 50)].join(" ");
})`
		if got := eval[string](p, fmt.Sprintf(look, plain)); got != "255,0,0,255 0,255,0,255 0,0,255,255 0,0,0,0" {
			t.Errorf("plain %v: %s", plain, got)
		}
	}
}

// TestProjectorSpeed turns 50,000 points and says how fast, which depends on the machine: it fails for what never ends alone.
func TestProjectorSpeed(t *testing.T) {
	p := open(t, serveClouds(t, 60), desktop, slow...)
	p.wait(drawn)
	for _, plain := range []bool{false, true} {
		const turn = `import("/static/cloud.js").then(({ Cloud, turned }) => {
  const n = 50000, canvas = document.createElement("canvas");
  canvas.style.width = "1000px"; canvas.style.height = "800px";
  document.body.append(canvas);
  const cloud = new Cloud(canvas, %v);
  cloud.setPlaces(Float32Array.from({ length: 3 * n }, (_, i) => Math.sin(i * i)));
  cloud.setColours(new Uint8Array(4 * n).fill(180), new Float32Array(n).fill(1));
  const pixel = new Uint8Array(4), frames = 20;
  const draw = (i) => {
    cloud.draw(turned({ yaw: i / 30, pitch: 0.3, zoom: 1, x: 0, y: 0 }, 1000, 800), 3);
    cloud.gl?.readPixels(0, 0, 1, 1, cloud.gl.RGBA, cloud.gl.UNSIGNED_BYTE, pixel); // waits for the frame
  };
  draw(0);
  const begin = performance.now();
  for (let i = 1; i <= frames; i++) draw(i);
  const name = cloud.gl?.getExtension("WEBGL_debug_renderer_info");
  canvas.remove();
  return (1000 * frames / (performance.now() - begin)).toFixed(1) + " frames/s by " + cloud.kind + (name ? ", " + cloud.gl.getParameter(name.UNMASKED_RENDERER_WEBGL) : "");
})`
		t.Log(eval[string](p, fmt.Sprintf(turn, plain)))
	}
}

// TestProjectorScreenshot takes a picture of a page of points for the handbook: RONDO_PROJECTOR_URL, to RONDO_PROJECTOR_FILE.
func TestProjectorScreenshot(t *testing.T) {
	url, file := os.Getenv("RONDO_PROJECTOR_URL"), os.Getenv("RONDO_PROJECTOR_FILE")
	if url == "" || file == "" {
		t.Skip("RONDO_PROJECTOR_URL and RONDO_PROJECTOR_FILE name none")
	}
	p := open(t, url, look{width: setting(t, "WIDTH", 1200), height: setting(t, "HEIGHT", 760), dark: setting(t, "DARK", 0) == 1}, slow...)
	p.wait(drawn)
	p.wait(`!document.getElementById("points-said").textContent.includes("%")`)
	p.settle()
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		t.Fatal(err)
	}
}
