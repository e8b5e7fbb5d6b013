/**
 * A call of several browsers: joins a room by Hairpin's signaling and keeps a connection to everybody
 * in it. One module, without imports.
 */

/**
 * @typedef {object} RoomOptions
 * @property {string | URL} url of the signaling, such as `wss://turn.example.org/v1/signaling`
 * @property {string} token that invites to the room
 * @property {string} [name] by which the others know this participant, 1 to 64 characters
 * @property {RTCIceTransportPolicy} [policy] `relay` where everything shall go by the relay
 * @property {MediaStream} [stream] whose first tracks are sent; more by `setTrack`
 *
 * @typedef {{id: string, name: string}} Person
 * @typedef {'new' | 'joining' | 'joined' | 'reconnecting' | 'ended'} RoomState
 * @typedef {{code: string, detail: string, to?: string}} Problem
 *
 * @typedef {{type: string, protocol: string, relayProtocol?: string}} Candidate
 *
 * @typedef {object} LinkStatistics of the last second
 * @property {Candidate | undefined} local
 * @property {Candidate | undefined} remote
 * @property {number} bitsIn received a second, media and data
 * @property {number} bitsOut sent a second
 * @property {number | undefined} roundTripMs
 * @property {number} loss of packets towards us, 0 to 1
 * @property {number} framesDecoded since the beginning
 */

/** Channels that every link has, by their ids. */
const CHANNELS = ['chat', 'file'];

/** The server has said no, or this participant is gone; to come again would not help. */
const FINAL_CODES = new Set([4400, 4401, 4402, 4403, 4409, 4410, 4413]);

const TICK_MS = 1000;
const LONGEST_RETRY_MS = 30_000;
const ANSWER_MS = 3000;
const INTERRUPTION_MS = 3000;
/** Credentials are renewed when this part of their time is over. */
const RENEWAL = 0.75;
/** What the server takes at once, and a second, with some to spare. */
const BURST = 150;
const MESSAGES_A_TICK = 40;

/**
 * Somebody else in the room, and the link to them.
 */
export class Participant {
  /** What they send: one stream, whose tracks come and go. */
  stream = new MediaStream();
  /** @type {Map<string, RTCDataChannel>} `chat` and `file` */
  channels = new Map();
  /** @type {LinkStatistics | undefined} */
  statistics;

  /** @type {Room} */
  #room;
  #polite;
  /** Whether the first offer is ours to make, or has come. */
  #begun;
  /** Of DTLS: `active` or `passive`, once the first answer has said so. */
  #role = 'actpass';
  #making = false;
  /** @type {(RTCIceCandidateInit | null)[]} that came before the description they belong to */
  #early = [];
  /** Messages are taken one after the other. */
  #tail = Promise.resolve();
  #offeredAt = 0;
  #restartAt = 0;
  #restarts = 0;
  /** @type {Record<string, number>} the counters a second ago */
  #counters = {};

  /**
   * @param {Room} room
   * @param {Person} person
   * @param {boolean} opens whether the first offer is ours
   * @param {RTCConfiguration} configuration
   */
  constructor(room, { id, name }, opens, configuration) {
    this.id = id;
    this.name = name;
    this.#room = room;
    this.#polite = /** @type {Person} */ (room.you).id < id;
    this.#begun = opens;
    const connection = (this.connection = new RTCPeerConnection(configuration));
    connection.addEventListener('negotiationneeded', () => this.#offer());
    connection.addEventListener('icecandidate', ({ candidate }) => this.#trickle(candidate));
    connection.addEventListener('connectionstatechange', () => this.#changed());
    connection.addEventListener('track', ({ track }) => {
      this.stream.addTrack(track);
      room.tell('track', { participant: this, track, stream: this.stream });
    });
    CHANNELS.forEach((label, i) => this.#openChannel(label, i));
    if (opens) {
      for (const [kind, track] of Object.entries(room.tracks)) {
        const direction = track ? 'sendrecv' : 'recvonly';
        connection.addTransceiver(track ?? kind, { direction, streams: [room.stream] });
      }
    }
  }

  /** `new`, `connecting`, `connected`, `disconnected`, `failed` or `closed` */
  get state() {
    return this.connection.connectionState;
  }

  /**
   * @param {string} label
   * @param {number} id
   */
  #openChannel(label, id) {
    const channel = this.connection.createDataChannel(label, { negotiated: true, id });
    channel.binaryType = 'arraybuffer';
    this.channels.set(label, channel);
    channel.addEventListener('open', () => {
      this.#room.tell('channel', { participant: this, channel });
    });
    if (label === 'chat') {
      channel.addEventListener('message', ({ data }) => {
        this.#room.tell('message', { participant: this, text: String(data) });
      });
    }
  }

  /** Sends what the room sends now. The kinds keep their places, so the two ends never disagree. */
  async fill() {
    const transceivers = this.connection.getTransceivers();
    for (const [kind, track] of Object.entries(this.#room.tracks)) {
      const transceiver = transceivers.find(({ receiver }) => receiver.track.kind === kind);
      if (transceiver) {
        await transceiver.sender.replaceTrack(track);
        transceiver.sender.setStreams?.(this.#room.stream);
        transceiver.direction = track ? 'sendrecv' : 'recvonly';
      }
    }
  }

  async #offer() {
    if (!this.#begun) {
      return;
    }
    try {
      this.#making = true;
      await this.connection.setLocalDescription();
      if (this.connection.signalingState === 'have-local-offer') {
        this.#describe();
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#making = false;
    }
  }

  #describe() {
    const { localDescription } = this.connection;
    if (localDescription) {
      this.#offeredAt = Date.now();
      const { type, sdp } = localDescription;
      // Firefox would change the roles of DTLS where ICE begins anew, and Chromium breaks by it.
      const firm = sdp.replaceAll('a=setup:actpass', `a=setup:${this.#role}`);
      this.#room.send({ type, to: this.id, sdp: firm });
    }
  }

  /** @param {RTCIceCandidate | null} found null after the last one */
  #trickle(found) {
    const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = found ?? {};
    const init = found && { candidate, sdpMid, sdpMLineIndex, usernameFragment };
    this.#room.send({ type: 'candidate', to: this.id, candidate: init });
  }

  /** @param {any} message an offer, answer or candidate of theirs */
  take(message) {
    const task = async () => {
      if (this.state !== 'closed') {
        await (message.type === 'candidate' ? this.#add(message.candidate) : this.#accept(message));
      }
    };
    this.#tail = this.#tail.then(task).catch((error) => this.#failed(error));
  }

  /** @param {RTCSessionDescriptionInit} description */
  async #accept({ type, sdp }) {
    const { connection } = this;
    const offer = type === 'offer';
    const collides = this.#making || connection.signalingState !== 'stable';
    if (offer ? collides && !this.#polite : connection.signalingState !== 'have-local-offer') {
      return; // theirs gives way to ours, or is the answer to an offer that we repeated
    }
    this.#begun = true;
    await connection.setRemoteDescription({ type, sdp });
    if (!offer) {
      this.#role = setupOf(sdp) === 'active' ? 'passive' : 'active';
    }
    for (const candidate of this.#early.splice(0)) {
      await this.#add(candidate);
    }
    if (offer) {
      await this.fill();
      await connection.setLocalDescription();
      this.#role = setupOf(connection.localDescription?.sdp);
      this.#describe();
    }
  }

  /** @param {RTCIceCandidateInit | null} candidate */
  async #add(candidate) {
    if (!this.connection.remoteDescription) {
      this.#early.push(candidate);
      return;
    }
    try {
      await this.connection.addIceCandidate(candidate ?? undefined);
    } catch {
      // of an offer that was not taken, or that another has replaced
    }
  }

  #changed() {
    if (this.state === 'connected') {
      this.#restarts = 0;
    }
    // One end begins, the other waits a little longer: both at once would be twice the work.
    const patience = (this.state === 'failed' ? 0 : INTERRUPTION_MS) + (this.#polite ? 2000 : 0);
    this.#restartAt = Date.now() + patience;
    this.#room.tell('link', { participant: this, state: this.state });
  }

  /** Looks for another way; what flows goes on by the present one until there is. */
  restart() {
    this.connection.restartIce();
  }

  /**
   * Takes new credentials. Relayed addresses belong to the old ones, so a link by them moves.
   *
   * @param {RTCConfiguration} configuration
   */
  async configure(configuration) {
    this.connection.setConfiguration(configuration);
    const { local } = pairOf(await this.#stats());
    if (local?.candidateType === 'relay') {
      this.restart();
    }
  }

  /** @param {number} now */
  async tick(now) {
    const unanswered = this.connection.signalingState === 'have-local-offer';
    if (unanswered && this.#room.state === 'joined' && now - this.#offeredAt > ANSWER_MS) {
      this.#describe(); // offer or answer went with a socket that broke
    }
    if (['disconnected', 'failed'].includes(this.state) && now >= this.#restartAt) {
      this.#restartAt = now + Math.min(LONGEST_RETRY_MS, 4000 * 2 ** this.#restarts++);
      this.restart();
    }
    this.statistics = this.#measure(now, await this.#stats());
    this.#room.tell('statistics', { participant: this, statistics: this.statistics });
  }

  async #stats() {
    return [...(await this.connection.getStats()).values()];
  }

  /**
   * @param {number} at
   * @param {any[]} stats
   * @returns {LinkStatistics}
   */
  #measure(at, stats) {
    const sum = (/** @type {string} */ field, ...types) =>
      stats
        .filter(({ type }) => types.includes(type))
        .reduce((total, stat) => total + (stat[field] ?? 0), 0);
    const now = {
      at,
      in: sum('bytesReceived', 'inbound-rtp', 'data-channel'),
      out: sum('bytesSent', 'outbound-rtp', 'data-channel'),
      packets: sum('packetsReceived', 'inbound-rtp'),
      lost: sum('packetsLost', 'inbound-rtp'),
      frames: sum('framesDecoded', 'inbound-rtp'),
    };
    const before = this.#counters;
    this.#counters = now;
    const since = (/** @type {keyof typeof now} */ counter) =>
      Math.max(0, now[counter] - (before[counter] ?? now[counter]));
    const brief = (/** @type {any} */ found) =>
      found && {
        type: found.candidateType,
        protocol: found.protocol,
        relayProtocol: found.relayProtocol,
      };
    const { pair, local, remote } = pairOf(stats);
    const seconds = pair?.currentRoundTripTime;
    return {
      local: brief(local),
      remote: brief(remote),
      bitsIn: (since('in') * 8000) / (since('at') || TICK_MS),
      bitsOut: (since('out') * 8000) / (since('at') || TICK_MS),
      roundTripMs: seconds === undefined ? undefined : seconds * 1000,
      loss: since('lost') / (since('lost') + since('packets') || 1),
      // Firefox counts from naught where ICE began anew.
      framesDecoded: (this.statistics?.framesDecoded ?? 0) + since('frames'),
    };
  }

  /** @param {unknown} error */
  #failed(error) {
    if (this.state !== 'closed') {
      const detail = `${this.name || this.id}: ${error}`;
      this.#room.tell('problem', { code: 'negotiation', detail, to: this.id });
    }
  }
}

/** @param {string | undefined} sdp */
function setupOf(sdp) {
  return /^a=setup:(\w+)/m.exec(sdp ?? '')?.[1] ?? 'actpass';
}

/**
 * The selected pair. Firefox marks it; others name it in the transport.
 *
 * @param {any[]} stats
 */
export function pairOf(stats) {
  const find = (/** @type {string} */ wanted) => stats.find(({ id }) => id === wanted);
  const transport = stats.find(({ selectedCandidatePairId }) => selectedCandidatePairId);
  const pair = transport
    ? find(transport.selectedCandidatePairId)
    : stats.find(({ type, selected }) => type === 'candidate-pair' && selected);
  return { pair, local: find(pair?.localCandidateId), remote: find(pair?.remoteCandidateId) };
}

/**
 * A room, while this page is in it. Everything that happens is told by events: see docs/client.md.
 */
export class Room extends EventTarget {
  /** @type {Map<string, Participant>} the others, by id */
  participants = new Map();
  /** @type {Record<'audio' | 'video', MediaStreamTrack | null>} what is sent */
  tracks = { audio: null, video: null };
  /** Ties sound and picture together. */
  stream = new MediaStream();
  /** @type {Person | undefined} this participant, once joined */
  you;
  /** @type {RoomState} */
  state = 'new';
  /** How many the room takes, once joined. */
  size = 0;

  /** @type {RoomOptions} */
  #options;
  /** @type {RTCConfiguration} */
  #configuration;
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {string | undefined} */
  #resume;
  /** @type {object[]} what waits for the socket */
  #outbox = [];
  #allowance = BURST;
  #attempts = 0;
  #heardAt = 0;
  #pingAt = 0;
  #beatMs = 10_000;
  #renewAt = Infinity;
  #retry = 0;
  #ticker = 0;
  /** @type {Problem | undefined} */
  #problem;
  /** @type {string | undefined} `wifi`, `cellular`… where the browser tells */
  #network = networkType();
  /** @type {{resolve: () => void, reject: (reason: Error) => void} | undefined} */
  #joining;

  /** @param {RoomOptions} options */
  constructor(options) {
    super();
    this.#options = options;
    const { policy = 'all', stream } = options;
    this.#configuration = { iceTransportPolicy: policy, bundlePolicy: 'max-bundle' };
    this.tracks.audio = stream?.getAudioTracks()[0] ?? null;
    this.tracks.video = stream?.getVideoTracks()[0] ?? null;
  }

  /**
   * Resolves when this participant is in the room.
   *
   * @returns {Promise<void>}
   * @throws {Error} with the server's reason, and its code as `cause`
   */
  join() {
    this.#become('joining');
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    addEventListener('online', this.#moved);
    return new Promise((resolve, reject) => {
      this.#joining = { resolve, reject };
      this.#connect();
    });
  }

  leave() {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send('{"type":"leave"}');
    }
    this.#end({ code: 'left', detail: 'You have left.' });
  }

  /**
   * Sends a track to everybody from now on, in place of the former one, or nothing.
   *
   * @param {'audio' | 'video'} kind
   * @param {MediaStreamTrack | null} track
   */
  async setTrack(kind, track) {
    this.tracks[kind] = track;
    await Promise.all([...this.participants.values()].map((participant) => participant.fill()));
  }

  /**
   * Says something to everybody whose link is open.
   *
   * @param {string} text
   * @returns {number} how many it was sent to
   */
  chat(text) {
    const open = [...this.participants.values()]
      .map(({ channels }) => channels.get('chat'))
      .filter((channel) => channel?.readyState === 'open');
    open.forEach((channel) => channel?.send(text));
    return open.length;
  }

  /**
   * @param {string} type
   * @param {object} detail
   */
  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /**
   * Sends a message of the protocol, or keeps it until the socket is there again.
   *
   * @param {object} message
   */
  send(message) {
    this.#outbox.push(message);
    this.#flush();
  }

  #flush() {
    while (this.state === 'joined' && this.#outbox.length > 0 && this.#allowance > 0) {
      this.#allowance--;
      this.#socket?.send(JSON.stringify(this.#outbox.shift()));
    }
  }

  #connect() {
    const { url, token, name } = this.#options;
    const socket = (this.#socket = new WebSocket(url));
    this.#heardAt = Date.now();
    socket.addEventListener('open', () => {
      const [wish, place] = [name && { name }, this.#resume && { resume: this.#resume }];
      socket.send(JSON.stringify({ type: 'join', token, ...wish, ...place }));
    });
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket) {
        this.#heardAt = Date.now();
        this.#take(JSON.parse(data));
      }
    });
    socket.addEventListener('close', ({ code }) => {
      if (socket === this.#socket) {
        this.#lost(code);
      }
    });
  }

  /** @param {any} message */
  #take(message) {
    switch (message.type) {
      case 'welcome':
        return this.#enter(message);
      case 'joined':
        return this.#admit(message.participant, false);
      case 'left':
        return this.#dismiss(message.participant, message.reason);
      case 'offer':
      case 'answer':
      case 'candidate':
        return this.participants.get(message.from)?.take(message);
      case 'credentials':
        return this.#renew(message);
      case 'full':
        return this.tell('full', {});
      case 'problem':
        this.#problem = { code: message.code, detail: message.detail, to: message.to };
        return this.tell('problem', this.#problem);
    }
  }

  /** @param {any} welcome */
  #enter({ you, participants, resume, resumed, heartbeat, size, ...credentials }) {
    if (!resumed) {
      // Another place than before: nobody knows the former links.
      [...this.participants.keys()].forEach((id) => this.#dismiss(id, 'lost'));
      this.#outbox = [];
    }
    Object.assign(this, { you, size });
    this.#resume = resume;
    this.#beatMs = heartbeat * 1000;
    this.#attempts = 0;
    this.#allowance = BURST;
    if (!resumed || Date.now() >= this.#renewAt) {
      this.#renew(credentials);
    }
    const present = new Set(participants.map((/** @type {Person} */ { id }) => id));
    [...this.participants.keys()]
      .filter((id) => !present.has(id))
      .forEach((id) => this.#dismiss(id, 'left'));
    this.#become('joined');
    // Whoever comes later opens: we, unless they came while our socket was away.
    participants.forEach((/** @type {Person} */ person) => this.#admit(person, !resumed));
    this.#flush();
    this.#joining?.resolve();
    this.#joining = undefined;
  }

  /**
   * @param {Person} person
   * @param {boolean} opens
   */
  #admit(person, opens) {
    if (!this.participants.has(person.id)) {
      const participant = new Participant(this, person, opens, this.#configuration);
      this.participants.set(person.id, participant);
      this.tell('participant', { participant });
    }
  }

  /**
   * @param {string} id
   * @param {string} reason
   */
  #dismiss(id, reason) {
    const participant = this.participants.get(id);
    if (participant) {
      this.participants.delete(id);
      participant.connection.close();
      this.tell('left', { participant, reason });
    }
  }

  /** @param {{iceServers: RTCIceServer[], ttl: number}} credentials */
  #renew({ iceServers, ttl }) {
    this.#renewAt = Date.now() + ttl * 1000 * RENEWAL;
    this.#configuration = { ...this.#configuration, iceServers };
    this.participants.forEach((participant) => participant.configure(this.#configuration));
  }

  #tick() {
    const now = Date.now();
    if (this.#network !== networkType()) {
      this.#network = networkType();
      this.#moved();
    }
    this.#allowance = Math.min(BURST, this.#allowance + MESSAGES_A_TICK);
    this.#flush();
    if (this.#socket && now - this.#heardAt > 2.5 * this.#beatMs) {
      this.#abandon();
    } else if (this.state === 'joined' && now >= this.#pingAt) {
      this.#pingAt = now + this.#beatMs;
      this.send({ type: 'ping' });
    }
    if (this.state === 'joined' && now >= this.#renewAt) {
      this.#renewAt = now + ANSWER_MS;
      this.send({ type: 'refresh' });
    }
    // What fails here has failed with the connection, which says so itself.
    this.participants.forEach((participant) => participant.tick(now).catch(() => {}));
  }

  /** The network has changed: neither socket nor links may know it yet. */
  #moved = () => {
    if (this.state !== 'joining') {
      this.participants.forEach((participant) => participant.restart());
      this.#abandon();
    }
  };

  /** Gives the socket up, without waiting for its end. */
  #abandon() {
    this.#attempts = 0;
    const socket = this.#socket;
    this.#lost(0);
    socket?.close();
  }

  /** @param {number} code of the close frame, 1006 without one */
  #lost(code) {
    this.#socket = undefined;
    clearTimeout(this.#retry);
    const silent = { code: 'unreachable', detail: 'The server does not answer.' };
    if (FINAL_CODES.has(code) || this.#joining) {
      this.#end(this.#problem ?? silent);
    } else if (this.state !== 'ended') {
      this.#become('reconnecting');
      // Spread, so that a server that starts again is not met by everybody at once.
      const most = Math.min(LONGEST_RETRY_MS, 1000 * 2 ** this.#attempts++);
      this.#retry = setTimeout(() => this.#connect(), most * Math.random());
    }
  }

  /** @param {Problem} problem */
  #end(problem) {
    if (this.state === 'ended') {
      return;
    }
    this.#become('ended');
    clearInterval(this.#ticker);
    clearTimeout(this.#retry);
    removeEventListener('online', this.#moved);
    this.#socket?.close();
    this.#socket = undefined;
    this.participants.forEach(({ connection }) => connection.close());
    this.participants.clear();
    this.#joining?.reject(new Error(problem.detail, { cause: problem.code }));
    this.#joining = undefined;
    this.tell('end', problem);
  }

  /** @param {RoomState} state */
  #become(state) {
    this.state = state;
    this.tell('state', { state });
  }
}

/** @returns {string | undefined} */
function networkType() {
  return /** @type {any} */ (navigator).connection?.type;
}
