//go:build browser

package web

import (
	"fmt"
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
	const dims, centres = 12, 5
	set := &projector.Set{Name: "clouds", Points: tensor.NewMatrix(n, dims), Columns: []string{"label", "centre"}, Values: make([][]string, 2)}
	for i := range n {
		row := set.Points.Row(i)
		for j := range row {
			row[j] = 0.25 * tensor.Normal([2]uint32{1, 0}, [4]uint32{uint32(i), uint32(j)})
		}
		row[i%centres]++
		set.Values[0] = append(set.Values[0], fmt.Sprintf("word%d", i))
		set.Values[1] = append(set.Values[1], fmt.Sprint(i%centres))
	}
	layouts := projector.NewLayouts(nil, set, projector.Cache{})
	settings := projector.Settings{Method: "pca", Dims: 2, Metric: "cosine", Perplexity: 10, Neighbors: 10, Seed: 1}
	server := httptest.NewServer(NewProjector(projector.Handler(t.Context(), layouts, settings)))
	t.Cleanup(server.Close)
	return server.URL + "/"
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
			if wide := eval[int](p, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
				t.Errorf("%d wide: %d pixels more", l.width, wide)
			}
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
			if low := p.lowContrast(); len(low) > 0 {
				t.Errorf("dark %v: too little contrast: %q", l.dark, low)
			}
			for _, key := range []string{"ArrowRight", "+"} {
				p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`void document.querySelector(".stage .pointer").dispatchEvent(new KeyboardEvent("keydown", { key: %q }))`, key)))
			}
			p.wait(`decodeURIComponent(location.hash).includes("cam=0.633,0.350,1.250,0.000,0.000")`)
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
	eval[bool](p, `new Promise((ok) => requestAnimationFrame(() => requestAnimationFrame(() => ok(true))))`)
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		t.Fatal(err)
	}
}
