export default {

  async fetch(request: Request, env: Env) {

    // Access a service by private IP

    const response = await env.MY_VPC.fetch("http://10.0.1.50/data");


    // Access another service on a different port

    const dbResponse = await env.MY_VPC.fetch("http://10.0.5.42:5432");


    return response;

  },

};
