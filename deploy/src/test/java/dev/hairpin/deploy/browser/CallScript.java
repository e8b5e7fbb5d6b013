package dev.hairpin.deploy.browser;

/// What scripts need that make a call with a picture, in any page.
final class CallScript {
  static final String LIBRARY =
      """
      const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
      const painted = () => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
        const paint = canvas.getContext('2d');
        let turn = 0;
        setInterval(() => {
          paint.fillStyle = `hsl(${turn += 7} 90% 50%)`;
          paint.fillRect(0, 0, 320, 240);
        }, 33);
        return canvas.captureStream(30).getVideoTracks()[0];
      };
      const show = (link) => link.addEventListener('track', ({ track }) => {
        const video = document.createElement('video');
        video.srcObject = new MediaStream([track]);
        video.muted = true;
        video.play();
      });
      const gathered = async (link) => {
        await link.setLocalDescription();
        while (link.iceGatheringState !== 'complete') {
          await pause();
        }
        return { type: link.localDescription.type, sdp: link.localDescription.sdp };
      };
      const look = async (link) => {
        const stats = [...(await link.getStats()).values()];
        const transport = stats.find(({ type }) => type === 'transport');
        const pair = stats.find(({ id }) => id === transport?.selectedCandidatePairId);
        const type = (id) => stats.find((stat) => stat.id === id)?.candidateType;
        const inbound = stats.find(({ type }) => type === 'inbound-rtp');
        return {
          frames: inbound?.framesDecoded ?? 0,
          bytes: inbound?.bytesReceived ?? 0,
          local: type(pair?.localCandidateId) ?? link.iceConnectionState,
          remote: type(pair?.remoteCandidateId) ?? '',
        };
      };
      const watch = async (link, frames = 30) => {
        const end = Date.now() + 20000;
        let seen = await look(link);
        while (seen.frames < frames && Date.now() < end) {
          await pause();
          seen = await look(link);
        }
        return seen;
      };
      """;

  private CallScript() {}
}
