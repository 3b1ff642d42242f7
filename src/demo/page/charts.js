/**
 * Draws the pictures of the report in the browser from the data block `series`. Runs by itself in the page, after
 * uPlot; it makes no request and keeps nothing. Colours come from the style sheet, and change with it.
 */
(() => {
  const series = JSON.parse(document.getElementById('series').textContent);
  const endSeconds = (series.phases.at(-1)?.toMs ?? 1000) / 1000;
  const narrow = matchMedia('(max-width: 560px)');
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const plots = [];

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const percent = (share) => `${Math.round(share * 100)} %`;
  const duration = (ms) => (ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`);

  /** Phases as alternating bands with their names, outages over them. */
  const bands = {
    hooks: {
      drawClear: (plot) => {
        const { ctx, bbox } = plot;
        const ratio = devicePixelRatio;
        ctx.save();
        ctx.beginPath();
        ctx.rect(bbox.left, 0, bbox.width, bbox.top + bbox.height);
        ctx.clip();
        series.phases.forEach(({ fromMs, toMs, name }, i) => {
          const [left, right] = [fromMs, toMs].map((ms) => plot.valToPos(ms / 1000, 'x', true));
          if (i % 2 === 0) fill(ctx, 'band', left, bbox.top, right - left, bbox.height);
          ctx.fillStyle = colour('faint');
          ctx.font = `${11 * ratio}px system-ui, sans-serif`;
          ctx.textAlign = 'left';
          ctx.textBaseline = 'bottom';
          if (ctx.measureText(name).width + 8 * ratio < right - left) ctx.fillText(name, left, bbox.top - 4 * ratio);
        });
        for (const { fromMs, toMs } of series.outages) {
          const [left, right] = [fromMs, toMs].map((ms) => plot.valToPos(ms / 1000, 'x', true));
          fill(ctx, 'outage', left, bbox.top, right - left, bbox.height);
        }
        ctx.restore();
      },
    },
  };

  function fill(context, name, left, top, width, height) {
    context.fillStyle = colour(name);
    context.fillRect(left, top, width, height);
  }

  const line = (label, name, more = {}) => ({
    label,
    stroke: () => colour(name),
    width: 2,
    points: { show: false },
    spanGaps: true,
    ...more,
  });
  const axis = (more = {}) => ({
    stroke: () => colour('soft'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: () => colour('line'), width: 1, ...(more.filter && { filter: more.filter }) },
    ticks: { show: false },
    ...more,
  });
  /** Keeps the ticks that are whole powers of the base: a logarithmic scale offers others between them. */
  const powersOf = (base) => (_plot, ticks) =>
    ticks.map((tick) => {
      const power = Math.log(tick) / Math.log(base);
      return Math.abs(power - Math.round(power)) < 1e-9 ? tick : null;
    });
  const timeAxis = () =>
    axis({ values: (_plot, ticks) => ticks.map((second) => `${second} s`), grid: { show: false }, size: 26 });

  function draw(id, { data, lines, axes, scales, plugins = [], height = 250 }) {
    const host = document.getElementById(id);
    const size = () => ({ width: host.clientWidth, height: narrow.matches ? 220 : height });
    const plot = new uPlot(
      {
        ...size(),
        padding: [24, 18, 0, 10],
        legend: { show: false },
        cursor: { sync: { key: 'run' }, points: { show: true, size: 6 }, y: false, drag: { x: false, y: false } },
        series: [{}, ...lines],
        axes: [timeAxis(), ...axes],
        scales: { x: { time: false, range: [0, endSeconds] }, ...scales },
        plugins: [bands, ...plugins],
      },
      [series.atSeconds, ...data],
      host,
    );
    new ResizeObserver(() => plot.setSize(size())).observe(host);
    plots.push(plot);
  }

  draw('picture-hits', {
    data: [series.attainable, series.hitRatio],
    lines: [
      line('attainable', 'faint', { dash: [6, 4], width: 1.5 }),
      line('hit ratio', 'glaze', { fill: () => colour('glaze-soft') }),
    ],
    axes: [axis({ values: (_plot, ticks) => ticks.map(percent), size: 54 })],
    scales: { y: { range: [0, 1] } },
  });

  draw('picture-latency', {
    data: [series.uncachedP99Ms, series.uncachedP50Ms, series.cachedP99Ms, series.cachedP50Ms],
    lines: [
      line('uncached p99', 'clay', { width: 1, dash: [4, 3] }),
      line('uncached p50', 'clay'),
      line('cached p99', 'glaze', { width: 1, dash: [4, 3] }),
      line('cached p50', 'glaze'),
    ],
    axes: [
      axis({
        values: (_plot, ticks) => ticks.map((ms) => (ms === null ? '' : duration(ms))),
        filter: powersOf(10),
        size: 64,
      }),
    ],
    scales: { y: { distr: 3 } },
  });

  draw('picture-shards', {
    data: [series.requestRate, series.shardCount],
    lines: [
      line('operations a second', 'faint', { scale: 'rate', fill: () => colour('band'), width: 1.5 }),
      line('shards', 'clay', { paths: uPlot.paths.stepped({ align: -1 }), width: 2.5 }),
    ],
    axes: [
      axis({ filter: powersOf(2), size: 40 }),
      axis({
        scale: 'rate',
        side: 1,
        size: 54,
        grid: { show: false },
        values: (_plot, ticks) => ticks.map((rate) => `${rate}/s`),
      }),
    ],
    scales: { y: { distr: 3, log: 2 }, rate: { range: (_plot, _low, high) => [0, Math.max(10, high * 1.1)] } },
  });

  /** A lane of coloured spans for each breaker. */
  const STATE_COLOURS = { closed: 'good', 'half-open': 'warn', open: 'bad' };
  const lanes = {
    hooks: {
      draw: (plot) => {
        const { ctx, bbox } = plot;
        const laneHeight = bbox.height / series.breakers.length;
        series.breakers.forEach(({ name, spans }, i) => {
          const top = bbox.top + i * laneHeight + laneHeight * 0.42;
          for (const { fromMs, toMs, state } of spans) {
            const [left, right] = [fromMs, toMs].map((ms) => plot.valToPos(ms / 1000, 'x', true));
            // Closed is the calm state: a thin line, so that the others stand out.
            const [height, inset] = state === 'closed' ? [0.06, 0.14] : [0.34, 0];
            const width = Math.max(right - left, devicePixelRatio);
            fill(ctx, STATE_COLOURS[state], left, top + laneHeight * inset, width, laneHeight * height);
          }
          ctx.fillStyle = colour('ink');
          ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
          ctx.textAlign = 'left';
          ctx.textBaseline = 'bottom';
          ctx.fillText(name, bbox.left, top - 3 * devicePixelRatio);
        });
      },
    },
  };
  draw('picture-breakers', {
    data: [],
    lines: [],
    axes: [{ show: false }],
    scales: { y: { range: [0, 1] } },
    plugins: [lanes],
  });

  dark.addEventListener('change', () => {
    for (const plot of plots) plot.redraw();
  });
})();
