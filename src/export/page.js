/* export/page.js - what makes the report lively: the curves, sorting, and pointing at one version everywhere at once.
 *
 * All it shows is in the page. What is looked at is kept behind the address's #, as in
 * report.html#metric=val_accuracy&x=seconds&y=log&show=0,3&zoom=100,900&at=512, so a view can be bookmarked or sent; the tests
 * use that too. Names come from others: they are only ever set as text, never as markup.
 */
(function () {
	const {element, shape, ticks, logTicks, tickText, duration} = parts;
	const data = JSON.parse(document.getElementById('data').textContent);
	const versions = data.versions, chart = document.getElementById('chart');
	const METRICS = {loss: 'Loss', accuracy: 'Accuracy', val_loss: 'Val loss', val_accuracy: 'Val accuracy'};
	const AXES = {step: 'Step', epoch: 'Epoch', seconds: 'Time'};
	const MUCH = 1e4; /* times: html_curves.c's too */
	const MARGIN = {left: 60, right: 18, top: 12, bottom: 42};
	const start = {metric: '', x: 'step', y: 'auto', smooth: 0, show: null, zoom: null, at: null};
	const state = Object.assign({}, start);

	/* ---- small helpers ---- */

	function marker(i, x, y, parent) {
		return shape('use', {href: '#m' + i % 7, class: 'mark c' + i % 8, x: x.toFixed(1), y: y.toFixed(1), 'data-i': i}, parent);
	}
	function swatch(i, parent) {
		const svg = shape('svg', {class: 'swatch', viewBox: '0 0 26 12', width: 26, height: 12, 'aria-hidden': 'true'}, parent);
		shape('path', {class: 'curve c' + i % 8 + ' d' + (i >> 3) % 4, d: 'M0 6H26'}, svg);
		marker(i, 13, 6, svg);
	}
	const isPercent = () => /accuracy/.test(state.metric);
	const isShown = i => state.show ? state.show.includes(i) : versions[i].drawn;

	/* ---- what is drawn ---- */

	function xText(value, step) {
		return state.x === 'seconds' ? duration(value) : tickText(value, step);
	}
	function atText(value) {
		return state.x === 'seconds' ? duration(value) : state.x === 'step' ? Math.round(value).toLocaleString('en') : value.toFixed(2);
	}
	function yText(value) {
		if (isPercent()) return (100 * value).toFixed(2) + '%';
		const size = Math.abs(value);
		return size && (size < 5e-5 || size >= 9999.5) ? value.toExponential(2) : size < 10 ? value.toFixed(4) : value.toPrecision(4);
	}

	/* x and y of a version, null where unknown; smoothed as the dashboard does, the start corrected for. */
	function series(i) {
		const of = versions[i][state.metric.startsWith('val') ? 'epochs' : 'steps'], raw = of[state.metric];
		let y = raw, mean = 0, weight = 0;
		if (state.smooth > 0)
			y = raw.map(v => {
				if (v === null) return null;
				mean = state.smooth * mean + (1 - state.smooth) * v;
				weight = state.smooth * weight + (1 - state.smooth);
				return mean / weight;
			});
		return {i, x: of[state.x], raw, y};
	}
	function drawnSeries() {
		return versions.map((v, i) => i).filter(isShown).map(series).filter(s => s.x.length);
	}
	const good = v => v !== null && (!isLog || v > 0);

	/* A version that went astray would press all others flat: then the axis is logarithmic unless someone chose. */
	function wantsLog(all) {
		let least = Infinity, largest = 0;
		if (state.y !== 'auto') return state.y === 'log';
		for (const s of all) for (const v of s.raw) if (v > 0) {
			least = Math.min(least, v);
			largest = Math.max(largest, v);
		}
		return /loss/.test(state.metric) && largest > MUCH * least;
	}

	let frame, plot, tip, legend, view = null, hot = null, isLog = false;

	function extent(all) {
		let x0 = Infinity, x1 = -Infinity, y0 = Infinity, y1 = -Infinity;
		for (const s of all) {
			x0 = Math.min(x0, s.x[0]);
			x1 = Math.max(x1, s.x[s.x.length - 1]);
		}
		if (state.x !== 'seconds' && x0 <= 0.1 * x1) x0 = 0;
		if (state.x === 'seconds') x0 = 0;
		if (state.zoom) [x0, x1] = state.zoom;
		for (const s of all)
			s.x.forEach((x, k) => {
				if (x < x0 || x > x1) return;
				for (const v of [s.raw[k], s.y[k]]) if (good(v)) {
					y0 = Math.min(y0, v);
					y1 = Math.max(y1, v);
				}
			});
		if (!(y1 >= y0)) [y0, y1] = isLog ? [0.1, 1] : [0, 1];
		if (!(x1 > x0)) [x0, x1] = x1 === x0 ? [x0 - 1, x1 + 1] : [0, 1];
		if (isLog) {
			const times = Math.pow(y1 / y0, 0.04) * 1.02;
			return {x0, x1, y0: y0 / times, y1: y1 * times};
		}
		const room = y1 > y0 ? 0.04 * (y1 - y0) : Math.abs(y1) * 0.1 || 1;
		return {x0, x1, y0: y0 - room, y1: y1 + room};
	}

	function scales() {
		const v = view, w = v.width - MARGIN.left - MARGIN.right, h = v.height - MARGIN.top - MARGIN.bottom;
		const f = isLog ? Math.log : y => y, lo = f(v.y0), hi = f(v.y1);
		v.px = x => MARGIN.left + (x - v.x0) / (v.x1 - v.x0) * w;
		v.py = y => MARGIN.top + (1 - (f(y) - lo) / (hi - lo)) * h;
		v.xAt = px => Math.min(v.x1, Math.max(v.x0, v.x0 + (px - MARGIN.left) / w * (v.x1 - v.x0)));
	}

	function drawAxes() {
		const v = view, bottom = v.height - MARGIN.bottom, right = v.width - MARGIN.right;
		const xs = ticks(v.x0, v.x1, v.width < 560 ? 4 : 8, state.x === 'seconds'), most = v.height < 340 ? 5 : 8;
		const ys = isLog ? logTicks(v.y0, v.y1, most) : ticks(v.y0, v.y1, most), k = isPercent() ? 100 : 1;
		const gap = list => list.length > 1 ? list[1] - list[0] : Math.abs(list[0]) || 1;
		for (const x of xs) {
			shape('path', {class: 'grid', d: 'M' + v.px(x) + ' ' + bottom + 'V' + MARGIN.top}, plot);
			shape('text', {class: 'tick x', x: v.px(x), y: bottom + 17}, plot, xText(x, gap(xs)));
		}
		for (const y of ys) {
			shape('path', {class: 'grid', d: 'M' + MARGIN.left + ' ' + v.py(y) + 'H' + right}, plot);
			shape('text', {class: 'tick y', x: MARGIN.left - 8, y: v.py(y) + 4}, plot,
				tickText(k * y, k * (isLog ? y : gap(ys))) + (k > 1 ? '%' : ''));
		}
		shape('path', {class: 'axis', d: 'M' + MARGIN.left + ' ' + MARGIN.top + 'V' + bottom + 'H' + right}, plot);
		shape('text', {class: 'label', x: (MARGIN.left + right) / 2, y: v.height - 6}, plot,
			{step: 'step', epoch: 'epoch', seconds: 'training time'}[state.x]);
	}

	function line(s, values) {
		let d = '', pen = 'M';
		s.x.forEach((x, k) => {
			if (good(values[k])) d += pen + view.px(x).toFixed(1) + ' ' + view.py(values[k]).toFixed(1);
			pen = good(values[k]) ? 'L' : 'M';
		});
		return d;
	}

	/* A marker now and then, not where the neighbours have theirs; at each point where these are few. */
	function drawMarkers(s, area) {
		const gap = s.x.length < 30 && view.width / s.x.length > 18 ? 0 : 130;
		let last = gap ? MARGIN.left - 100 + 37 * s.i % gap : -Infinity;
		s.x.forEach((x, k) => {
			if (!good(s.y[k]) || view.px(x) < last + gap) return;
			marker(s.i, view.px(x), view.py(s.y[k]), area);
			last = view.px(x);
		});
	}

	/* Where figures stop being numbers; where validation was best; what happened. */
	function drawMarks(s, area) {
		const less = /loss/.test(state.metric), name = versions[s.i].name;
		let best = -1;
		s.y.forEach((v, k) => {
			if (v === null && k && s.y[k - 1] !== null && good(s.y[k - 1])) {
				const x = view.px(s.x[k - 1]), y = view.py(s.y[k - 1]);
				const cross = shape('path', {class: 'nan c' + s.i % 8, d: `M${x - 5} ${y - 5}l10 10m0-10l-10 10`}, area);
				shape('title', {}, cross, name + ': no number from here on');
			}
			if (v !== null && (best < 0 || (less ? v < s.y[best] : v > s.y[best]))) best = k;
		});
		if (best >= 0 && state.metric.startsWith('val') && good(s.y[best])) {
			const ring = shape('circle', {class: 'peak c' + s.i % 8, cx: view.px(s.x[best]), cy: view.py(s.y[best]), r: 7.5}, area);
			shape('title', {}, ring, name + ': best, ' + yText(s.raw[best]));
		}
		for (const [step, what] of versions[s.i].notes) {
			const of = versions[s.i].steps, k = of.step.findIndex(t => t >= step);
			if (k < 0) continue;
			const x = view.px(of[state.x][k]), y = view.height - MARGIN.bottom;
			const sign = shape('path', {class: 'note c' + s.i % 8, d: `M${x} ${y - 7}l4 7h-8z`}, area);
			shape('title', {}, sign, name + ': ' + what + ' (step ' + step + ')');
		}
	}

	function draw() {
		const all = drawnSeries(), width = Math.max(260, frame.clientWidth || 900);
		isLog = wantsLog(all);
		view = Object.assign(extent(all), {width, height: width < 560 ? 300 : 430, all});
		scales();
		plot.textContent = '';
		plot.setAttribute('viewBox', '0 0 ' + view.width + ' ' + view.height);
		plot.setAttribute('data-curves', all.length);
		plot.setAttribute('aria-label', METRICS[state.metric] + ' of ' + all.length + ' versions');
		drawAxes();
		const clip = shape('clipPath', {id: 'inside'}, plot);
		shape('rect', {x: MARGIN.left - 6, y: 0, width: width - MARGIN.left - MARGIN.right + 12, height: view.height - MARGIN.bottom + 1}, clip);
		const area = shape('g', {'clip-path': 'url(#inside)'}, plot);
		for (const s of all) {
			const look = ' c' + s.i % 8 + ' d' + (s.i >> 3) % 4;
			if (state.smooth > 0) shape('path', {class: 'curve raw' + look, d: line(s, s.raw)}, area);
			shape('path', {class: 'curve main' + look, d: line(s, s.y), 'data-i': s.i}, area);
			drawMarkers(s, area);
			drawMarks(s, area);
		}
		shape('g', {id: 'cursor'}, plot);
		if (!all.length) shape('text', {class: 'label', x: width / 2, y: view.height / 2}, plot, 'no version is shown');
		drawCursor();
		point(hot);
	}

	/* ---- the cross-hair ---- */

	function nearest(s, x) {
		let best = -1;
		s.x.forEach((at, k) => {
			if (s.y[k] !== null && (best < 0 || Math.abs(at - x) < Math.abs(s.x[best] - x))) best = k;
		});
		return best;
	}
	function drawCursor(top) {
		const g = document.getElementById('cursor');
		g.textContent = tip.textContent = '';
		tip.hidden = true;
		if (state.at === null || !view.all.length || state.at < view.x0 || state.at > view.x1) return;
		const x = view.px(state.at), rows = [];
		shape('path', {class: 'cross', d: 'M' + x + ' ' + MARGIN.top + 'V' + (view.height - MARGIN.bottom)}, g);
		for (const s of view.all) {
			const k = nearest(s, state.at);
			if (k < 0) continue;
			rows.push({i: s.i, value: s.raw[k], smooth: s.y[k]});
			if (good(s.y[k]) && s.x[k] >= view.x0 && s.x[k] <= view.x1) marker(s.i, view.px(s.x[k]), view.py(s.y[k]), g);
		}
		rows.sort((a, b) => /loss/.test(state.metric) ? a.value - b.value : b.value - a.value);
		element('div', {}, tip, AXES[state.x].toLowerCase() + ' ' + atText(state.at));
		for (const row of rows.slice(0, 14)) {
			const at = element('div', {'data-i': row.i}, tip);
			swatch(row.i, at);
			element('bdi', {}, at, versions[row.i].name);
			element('b', {'data-v': row.value}, at, yText(row.value));
		}
		if (rows.length > 14) element('div', {}, tip, 'and ' + (rows.length - 14) + ' more');
		tip.hidden = false;
		const left = x + 14 + tip.offsetWidth < view.width ? x + 14 : Math.max(0, x - 14 - tip.offsetWidth);
		tip.style.left = left + 'px';
		tip.style.top = Math.max(0, Math.min(top === undefined ? MARGIN.top : top, view.height - tip.offsetHeight)) + 'px';
	}

	function pixel(event) {
		return (event.clientX - plot.getBoundingClientRect().left) * view.width / plot.clientWidth;
	}
	let drag = null;
	function moved(event) {
		if (drag) {
			const a = Math.min(drag.from, pixel(event)), b = Math.max(drag.from, pixel(event));
			drag.rect.setAttribute('x', Math.max(MARGIN.left, a));
			drag.rect.setAttribute('width', Math.max(0, Math.min(b, view.width - MARGIN.right) - Math.max(MARGIN.left, a)));
		}
		state.at = view.xAt(pixel(event));
		drawCursor(event.clientY - plot.getBoundingClientRect().top + 14);
	}
	function pressed(event) {
		if (event.button || event.pointerType === 'touch') return moved(event);
		drag = {from: pixel(event), rect: shape('rect', {class: 'range', y: MARGIN.top, width: 0,
			height: view.height - MARGIN.top - MARGIN.bottom}, plot)};
		plot.setPointerCapture(event.pointerId);
	}
	function released(event) {
		if (!drag) return;
		const a = view.xAt(Math.min(drag.from, pixel(event))), b = view.xAt(Math.max(drag.from, pixel(event)));
		const far = Math.abs(pixel(event) - drag.from) > 6;
		drag.rect.remove();
		drag = null;
		if (far && b > a) change({zoom: [a, b]});
	}
	function keyed(event) {
		const step = (view.x1 - view.x0) / 100, at = state.at === null ? view.x0 : state.at, middle = (view.x0 + view.x1) / 2;
		const todo = {ArrowLeft: {at: Math.max(view.x0, at - step)}, ArrowRight: {at: Math.min(view.x1, at + step)},
			Escape: {zoom: null, at: null}, 0: {zoom: null}, '+': {zoom: [(view.x0 + middle) / 2, (middle + view.x1) / 2]}}[event.key];
		if (!todo || event.ctrlKey || event.metaKey || event.altKey) return;
		event.preventDefault();
		change(todo);
	}

	/* ---- toolbar and legend ---- */

	function group(bar, label, choices, key) {
		const box = element('span', {class: 'group', role: 'group', 'aria-label': label}, bar);
		for (const value in choices)
			element('button', {type: 'button', 'data-key': key, 'data-value': value}, box, choices[value])
				.addEventListener('click', () => change({[key]: value}, key === 'x' ? {zoom: null, at: null} : {}));
	}
	function alone(bar, text, what) {
		element('button', {type: 'button', class: 'alone'}, bar, text).addEventListener('click', () => change(what()));
	}
	function makeBar() {
		const bar = element('div', {class: 'bar'}, chart), metrics = {};
		for (const m in METRICS)
			if (versions.some(v => (v[m.startsWith('val') ? 'epochs' : 'steps'][m] || []).some(y => y !== null))) metrics[m] = METRICS[m];
		start.metric = state.metric = 'loss' in metrics ? 'loss' : Object.keys(metrics)[0] || 'loss';
		group(bar, 'metric', metrics, 'metric');
		group(bar, 'x axis', AXES, 'x');
		group(bar, 'y axis', {linear: 'Linear', log: 'Log'}, 'y');
		const label = element('label', {}, bar, 'Smoothing');
		const slider = element('input', {type: 'range', min: 0, max: 0.99, step: 0.01, id: 'smooth'}, label);
		slider.addEventListener('input', () => change({smooth: +slider.value}));
		alone(bar, 'Whole range', () => ({zoom: null}));
		if (versions.length < 2) return;
		const box = element('span', {class: 'group', role: 'group', 'aria-label': 'versions'}, bar);
		alone(box, 'All', () => ({show: versions.map((v, i) => i)}));
		alone(box, 'None', () => ({show: []}));
	}
	function makeLegend() {
		legend = element('div', {class: 'legend', role: 'group', 'aria-label': 'versions shown'}, chart);
		const order = versions.map((v, i) => i).sort((a, b) => versions[b].drawn - versions[a].drawn || a - b);
		order.forEach(i => {
			const v = versions[i];
			if (!v.steps.of && !v.epochs.of) return;
			const button = element('button', {type: 'button', 'data-i': i, title: 'Show or hide; with Shift: this one alone'}, legend);
			swatch(i, button);
			element('bdi', {}, button, v.name);
			button.addEventListener('click', event => {
				const shown = versions.map((w, k) => k).filter(isShown);
				change({show: event.shiftKey ? [i] : shown.includes(i) ? shown.filter(k => k !== i) : shown.concat(i).sort((a, b) => a - b)});
			});
		});
		const thinned = versions.some(v => v.steps.of > v.steps.step.length);
		element('p', {class: 'quiet'}, chart, 'Drag to zoom, double-click for the whole range; arrow keys move the cross-hair.' +
			(thinned ? ' Long histories are shown by the extremes of each stretch.' : ''));
	}

	/* ---- state, and the address that holds it ---- */

	function change(...parts) {
		Object.assign(state, ...parts);
		refresh();
		const words = [];
		for (const key in state)
			if (key !== 'at' && String(state[key]) !== String(start[key]))
				words.push(key + '=' + (Array.isArray(state[key]) ? state[key].join(',') : state[key]));
		try {
			history.replaceState(null, '', words.length ? '#' + words.join('&') : location.pathname + location.search);
		} catch (e) { /* some browsers do not let a file's address change: then it stays */ }
	}
	function refresh() {
		draw();
		for (const button of chart.querySelectorAll('.bar [data-key]'))
			button.setAttribute('aria-pressed', button.dataset.value === (button.dataset.key === 'y' ? isLog ? 'log' : 'linear' : String(state[button.dataset.key])));
		for (const button of legend.querySelectorAll('button'))
			button.setAttribute('aria-pressed', isShown(+button.dataset.i));
		document.getElementById('smooth').value = state.smooth;
	}
	function readAddress() {
		const words = new URLSearchParams(location.hash.slice(1)), list = text => text.split(',').filter(t => t !== '').map(Number);
		if (!location.hash.includes('=')) return;
		Object.assign(state, start);
		if (words.get('metric') in METRICS) state.metric = words.get('metric');
		if (words.get('x') in AXES) state.x = words.get('x');
		if (/^(log|linear)$/.test(words.get('y'))) state.y = words.get('y');
		state.smooth = Math.min(0.99, Math.max(0, +words.get('smooth') || 0));
		if (words.has('show')) state.show = list(words.get('show')).filter(i => versions[i]);
		if (words.has('zoom')) state.zoom = list(words.get('zoom'));
		if (state.zoom && !(state.zoom.length === 2 && state.zoom[1] > state.zoom[0])) state.zoom = null;
		if (words.has('at') && isFinite(words.get('at'))) state.at = +words.get('at');
	}

	function startChart() {
		chart.textContent = '';
		chart.className = 'lively';
		makeBar();
		frame = element('div', {class: 'frame'}, chart);
		plot = shape('svg', {id: 'plot', role: 'img', tabindex: 0}, frame);
		tip = element('div', {class: 'tip', hidden: ''}, frame);
		makeLegend();
		plot.addEventListener('pointermove', moved);
		plot.addEventListener('pointerdown', pressed);
		plot.addEventListener('pointerup', released);
		plot.addEventListener('pointerleave', () => { if (!drag) { state.at = null; drawCursor(); } });
		plot.addEventListener('dblclick', () => change({zoom: null}));
		plot.addEventListener('keydown', keyed);
		addEventListener('hashchange', () => { readAddress(); refresh(); });
		addEventListener('resize', draw);
		readAddress();
		refresh();
	}

	/* ---- pointing at a version: its curve, rows and boxes stand out together ---- */

	function point(i) {
		hot = i;
		for (const lit of document.querySelectorAll('.hot')) lit.classList.remove('hot');
		if (i === null) return;
		for (const one of document.querySelectorAll('[data-i="' + i + '"]')) one.classList.add('hot');
		if (plot && isShown(+i)) plot.classList.add('hot');
	}
	document.addEventListener('mouseover', event => {
		const one = event.target.closest ? event.target.closest('[data-i]') : null, i = one ? one.dataset.i : null;
		if (i !== hot) point(i);
	});

	if (chart) startChart();
	document.documentElement.setAttribute('data-ready', '');
})();
