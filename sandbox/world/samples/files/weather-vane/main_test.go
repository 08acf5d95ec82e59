package main

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestTheWindTurns(t *testing.T) {
	if wind(time.Unix(0, 0)) != "north" || wind(time.Unix(600, 0)) != "north-east" {
		t.Fatal("the wind does not turn")
	}
}

func TestWhoAsksIsCounted(t *testing.T) {
	routes().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	answer := httptest.NewRecorder()
	routes().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	if !strings.Contains(answer.Body.String(), "weather_vane_asked_total 1") {
		t.Fatal(answer.Body.String())
	}
}
