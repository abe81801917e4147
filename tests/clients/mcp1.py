"""The official Python client, 1.x, against a running server: mcp1.py (URL | PROGRAM ARGUMENT...). Prints what it got as
one line of JSON."""
import asyncio
import json
import os
import sys

from mcp import ClientSession, McpError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client

QUESTION = "Which invoices were paid in May?"


async def explore(session, told):
    told["version"] = (await session.initialize()).protocolVersion
    told["tools"] = [tool.name for tool in (await session.list_tools()).tools]
    found = await session.call_tool("search", {"query": QUESTION, "k": 2})
    told["titles"] = [hit["document"]["title"] for hit in found.structuredContent["text"]]
    steps = []

    async def on_progress(progress, total, message):
        steps.append([progress, message])

    answer = await session.call_tool("ask", {"question": QUESTION}, progress_callback=on_progress)
    told["answer"] = answer.structuredContent["answer"]
    told["shown"] = answer.content[0].text
    told["progress"] = steps
    picture = await session.call_tool("get_image", {"id": "i1", "max_side": 64})
    told["picture"] = [picture.content[0].type, picture.content[0].mimeType, picture.content[0].data]
    document = await session.call_tool("get_document", {"id": "d1"})
    told["chunks"] = len(document.structuredContent["chunks"])
    told["collections"] = (await session.call_tool("list_collections", {})).structuredContent["collections"]
    failed = await session.call_tool("get_document", {"id": "d999"})
    told["failed"] = [failed.isError, failed.content[0].text]
    await session.send_ping()
    told["resources"] = [str(resource.uri) for resource in (await session.list_resources()).resources]
    templates = (await session.list_resource_templates()).resourceTemplates
    told["templates"] = [template.uriTemplate for template in templates]
    told["text"] = (await session.read_resource(told["resources"][0])).contents[0].text
    told["blob"] = (await session.read_resource("jackdaw://image/i1")).contents[0].blob
    try:
        await session.read_resource("jackdaw://document/d999")
    except McpError as error:
        told["missing"] = error.error.code


async def main():
    target, told = sys.argv[1:], {}
    if target[0].startswith("http"):
        transport = streamablehttp_client(target[0])
    else:
        transport = stdio_client(StdioServerParameters(command=target[0], args=target[1:], env=dict(os.environ)))
    async with transport as streams, ClientSession(streams[0], streams[1]) as session:
        await explore(session, told)
    print(json.dumps(told))


asyncio.run(main())
