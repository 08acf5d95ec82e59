// Tells where the wind comes from.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

var points = []string{"north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"}

var asked atomic.Int64

// wind is the point of the compass for a time: it turns by one every ten minutes.
func wind(now time.Time) string {
	return points[(now.Unix()/600)%int64(len(points))]
}

func home(w http.ResponseWriter, r *http.Request) {
	asked.Add(1)
	point := wind(time.Now())
	log.Printf("level=info path=%q wind=%s", r.URL.Path, point)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"wind": point})
}

func health(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, "well")
}

func metrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	fmt.Fprintf(w, "# HELP weather_vane_asked_total How often somebody asked.\n# TYPE weather_vane_asked_total counter\n")
	fmt.Fprintf(w, "weather_vane_asked_total %d\n", asked.Load())
}

func routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", health)
	mux.HandleFunc("/metrics", metrics)
	mux.HandleFunc("/", home)
	return mux
}

func main() {
	log.SetOutput(os.Stdout)
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	log.Printf("level=info listening on %s", port)
	log.Fatal(http.ListenAndServe(":"+port, routes()))
}
