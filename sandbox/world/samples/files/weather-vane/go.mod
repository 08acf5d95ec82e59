module acme.example/weather-vane

go 1.25
