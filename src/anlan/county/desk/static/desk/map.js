// The map of an event. The page already holds it as a picture; this puts a live one in its place where it can.
const WIDE = 600;
const NEAR = 13;
const BANDS = ["match", ["get", "band"], 0, "#8fb8c0", 1, "#f2c14e", 2, "#e07b2a", "#b3191f"];
const FONT = ["Noto Sans CJK SC"];

const place = document.querySelector(".map");
const can = () => window.innerWidth >= WIDE && document.createElement("canvas").getContext("webgl2");

const fetched = async (url) => {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
};

const source = (data) => ({ type: "geojson", data });
const nothing = { type: "FeatureCollection", features: [] };

const layers = [
  { id: "ground", type: "background", paint: { "background-color": "#f3f5f5" } },
  { id: "inside", type: "fill", source: "borders", filter: ["==", ["get", "level"], "county"], paint: { "fill-color": "#fff" } },
  { id: "area", type: "fill", source: "area", paint: { "fill-color": "#b3191f", "fill-opacity": 0.08 } },
  { id: "area-edge", type: "line", source: "area", paint: { "line-color": "#b3191f", "line-width": 1.5, "line-dasharray": [3, 2] } },
  { id: "border", type: "line", source: "borders", paint: { "line-color": "#7d8b90", "line-width": ["match", ["get", "level"], "county", 2.2, 0.9] } },
  {
    id: "villages", type: "circle", source: "villages", maxzoom: NEAR,
    layout: { "circle-sort-key": ["get", "share"] },
    paint: {
      "circle-color": BANDS, "circle-opacity": 0.85, "circle-stroke-color": "#fff", "circle-stroke-width": 1.2,
      "circle-radius": ["interpolate", ["linear"], ["sqrt", ["get", "households"]], 0, 3, 40, 20],
    },
  },
  {
    id: "households", type: "circle", source: "households", minzoom: NEAR,
    layout: { "circle-sort-key": ["get", "band"] },
    paint: {
      "circle-color": BANDS, "circle-stroke-color": ["match", ["get", "band"], 0, "#fff", "#1b2528"], "circle-stroke-width": 0.8,
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 13, ["+", 3, ["*", 0.8, ["get", "band"]]], 17, ["+", 8, ["get", "band"]]],
    },
  },
  {
    id: "names", type: "symbol", source: "townships",
    layout: { "text-field": ["get", "name"], "text-size": 13, "text-font": FONT },
    paint: { "text-color": "#1b2528", "text-halo-color": "#fff", "text-halo-width": 1.6 },
  },
  {
    id: "village-names", type: "symbol", source: "villages", minzoom: 11.5,
    layout: { "text-field": ["get", "name"], "text-size": 12, "text-offset": [0, 1.6], "text-font": FONT },
    paint: { "text-color": "#516167", "text-halo-color": "#fff", "text-halo-width": 1.4 },
  },
];

const bounds = (data) => {
  const points = data.borders.features.concat(data.villages.features).flatMap((each) => each.geometry.coordinates.flat(3));
  const lons = points.filter((_, index) => index % 2 === 0);
  const lats = points.filter((_, index) => index % 2 === 1);
  return points.length ? [[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]] : null;
};

const show = async () => {
  const [maplibre, data] = await Promise.all([import("../maplibre/maplibre-gl.mjs"), fetched(place.dataset.layers)]);
  const box = bounds(data);
  if (!box) return;
  const picture = place.firstElementChild;
  const live = document.createElement("div");
  live.className = "map__live";
  place.append(live);
  const map = new maplibre.Map({
    container: live, bounds: box, fitBoundsOptions: { padding: 32 }, maxZoom: 17, attributionControl: false,
    dragRotate: false, pitchWithRotate: false, cooperativeGestures: false,
    style: {
      version: 8, layers,
      sources: { ...Object.fromEntries(Object.entries(data).map(([key, value]) => [key, source(value)])), households: source(nothing) },
    },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }));
  map.once("load", () => {
    picture.remove();
    place.live = map;
    place.dataset.live = "1";
    map.resize();
    map.fitBounds(box, { padding: 32, animate: false });
  });

  let asked = 0;
  map.on("moveend", async () => {
    if (map.getZoom() < NEAR) return;
    const mine = ++asked;
    const window_ = map.getBounds();
    const wanted = [window_.getWest(), window_.getSouth(), window_.getEast(), window_.getNorth()].map((each) => each.toFixed(5));
    const found = await fetched(`${place.dataset.households}?box=${wanted.join(",")}`);
    if (mine === asked) map.getSource("households").setData(found);
  });

  for (const layer of ["villages", "households"]) {
    map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
  }
  map.on("click", "villages", (event) => map.easeTo({ center: event.features[0].geometry.coordinates, zoom: NEAR + 0.5 }));
  map.on("click", "households", (event) => {
    window.location.assign(place.dataset.household.replace("CODE", event.features[0].properties.code));
  });
};

// Without the library, without WebGL or without an answer, the picture stays.
if (place && can()) show().catch((error) => console.info(`the map stays a picture: ${error.message}`));
