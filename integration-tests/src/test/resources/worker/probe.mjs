// The Worker that runs one row: /?row=NAME&door=...&far=JSON
import { rows } from "./rows.mjs";

export default {
  async fetch(request, env) {
    const asked = new URL(request.url).searchParams;
    const row = rows.find(({ name }) => name === asked.get("row"));
    const scene = { env, vpc: env.MY_VPC, door: asked.get("door"), far: JSON.parse(asked.get("far")) };
    try {
      return Response.json({ got: await row.run(scene) });
    } catch (e) {
      return Response.json({ threw: `${e.name}: ${e.message}` });
    }
  },
};
