/* export/page_parts.js - what the other scripts share: elements; round numbers for axes, and numbers for people, as base/ticks.c
 * and base/number.c write them. */
'use strict';
const parts = (function () {
	const NS = 'http://www.w3.org/2000/svg';

	function element(name, attributes, parent, text) {
		const made = document.createElement(name);
		for (const key in attributes) made.setAttribute(key, attributes[key]);
		if (text !== undefined) made.textContent = text;
		if (parent) parent.appendChild(made);
		return made;
	}
	function shape(name, attributes, parent, text) {
		const made = document.createElementNS(NS, name);
		for (const key in attributes) made.setAttribute(key, attributes[key]);
		if (text !== undefined) made.textContent = text;
		if (parent) parent.appendChild(made);
		return made;
	}

	function niceStep(least) {
		const power = Math.pow(10, Math.floor(Math.log10(least)));
		for (const s of [1, 2, 5, 10]) if (s * power >= least * (1 - 1e-12)) return s * power;
		return 10 * power;
	}
	const CLOCK = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800];
	function ticks(lo, hi, most, clock) {
		if (!(hi > lo)) return [lo];
		let step = niceStep((hi - lo) / most);
		if (clock && hi - lo >= most) step = CLOCK.find(s => (hi - lo) / s <= most) || niceStep((hi - lo) / most / 86400) * 86400;
		const found = [];
		for (let k = Math.ceil(lo / step - 1e-9); k * step <= hi + step * 1e-9 && found.length < 40; k++) found.push(k * step);
		return found;
	}
	function logTicks(lo, hi, most) {
		const decades = Math.log10(hi / lo);
		if (decades < 1) return ticks(lo, hi, most);
		const found = [], parts = decades * 3 + 1 <= most ? [1, 2, 5] : [1], every = Math.max(1, Math.ceil(decades / most));
		for (let d = Math.floor(Math.log10(lo)); d <= Math.ceil(Math.log10(hi)); d++)
			for (const part of parts) {
				const value = part * Math.pow(10, d);
				if (d % every === 0 && value >= lo * (1 - 1e-12) && value <= hi * (1 + 1e-12)) found.push(value);
			}
		return found;
	}
	function tickText(value, step) {
		const size = Math.abs(value), decimals = s => Math.min(17, Math.max(0, Math.ceil(-Math.log10(s) - 1e-9)));
		if (size < step * 1e-6) return '0';
		if (size >= 1e15 || (step < 0.9e-5 && size < 1)) return value.toExponential(0);
		for (const [unit, letter] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']])
			if (size >= unit * (1 - 1e-12)) return (value / unit).toFixed(decimals(step / unit)) + letter;
		return value.toFixed(decimals(step));
	}
	function duration(s) {
		const pad = n => String(n).padStart(2, '0'), all = Math.round(s);
		if (s < 9.95) return +s.toFixed(2) + 's';
		if (all < 60) return all + 's';
		if (all < 3600) return Math.floor(all / 60) + 'm' + pad(all % 60) + 's';
		if (all < 86400) return Math.floor(all / 3600) + 'h' + pad(Math.floor(all / 60) % 60) + 'm';
		return Math.floor(all / 86400) + 'd' + pad(Math.floor(all / 3600) % 24) + 'h';
	}
	return {element, shape, ticks, logTicks, tickText, duration};
})();
