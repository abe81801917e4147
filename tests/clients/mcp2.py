"""The official Python client, 2.x, against a running server: mcp2.py MODE (URL | PROGRAM ARGUMENT...). MODE is "auto" or
"legacy". Prints what it got as one line of JSON."""
import asyncio
import json
import os
import sys

from mcp import Client, MCPError, StdioServerParameters

QUESTION = "Which invoices were paid in May?"


async def explore(client, told):
    told["version"] = client.session.protocol_version
    told["tools"] = [tool.name for tool in (await client.list_tools()).tools]
    found = await client.call_tool("search", {"query": QUESTION, "k": 2})
    told["titles"] = [hit["document"]["title"] for hit in found.structured_content["text"]]
    steps = []

    async def on_progress(progress, total, message):
        steps.append([progress, message])

    answer = await client.call_tool("ask", {"question": QUESTION}, progress_callback=on_progress)
    told["answer"] = answer.structured_content["answer"]
    told["shown"] = answer.content[0].text
    told["progress"] = steps
    picture = await client.call_tool("get_image", {"id": "i1", "max_side": 64})
    told["picture"] = [picture.content[0].type, picture.content[0].mime_type, picture.content[0].data]
    document = await client.call_tool("get_document", {"id": "d1"})
    told["chunks"] = len(document.structured_content["chunks"])
    collections = await client.call_tool("list_collections", {})
    told["collections"] = collections.structured_content["collections"]
    failed = await client.call_tool("get_document", {"id": "d999"})
    told["failed"] = [failed.is_error, failed.content[0].text]
    await resources(client, told)


async def resources(client, told):
    listed, cursor = [], None
    while True:
        page = await client.list_resources(cursor=cursor)
        listed += [str(resource.uri) for resource in page.resources]
        cursor = page.next_cursor
        if not cursor:
            break
    told["resources"] = listed
    templates = (await client.list_resource_templates()).resource_templates
    told["templates"] = [template.uri_template for template in templates]
    told["text"] = (await client.read_resource(listed[0])).contents[0].text
    told["blob"] = (await client.read_resource("jackdaw://image/i1")).contents[0].blob
    try:
        await client.read_resource("jackdaw://document/d999")
    except MCPError as error:
        told["missing"] = error.error.code


async def main():
    mode, target = sys.argv[1], sys.argv[2:]
    server = target[0]
    if not server.startswith("http"):
        server = StdioServerParameters(command=target[0], args=target[1:], env=dict(os.environ))
    told = {}
    async with Client(server, mode=mode) as client:
        await explore(client, told)
    print(json.dumps(told))


asyncio.run(main())
