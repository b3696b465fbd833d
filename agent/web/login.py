"""The routes of the log-in, for a page with a users file.

What a link to the page asks for is taken along over the log-in.
"""

from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from agent.errors import LoginError
from agent.web.authentication import COOKIE, link_query, set_cookie
from agent.web.rendering import templates
from agent.web.users import Users


def login_routes(title: str, users: Users) -> APIRouter:
    """/login and /logout. `title` is the page's."""
    router = APIRouter()
    one_at_a_time = CapacityLimiter(1)  # a waiting request holds no thread and no memory

    def form(request: Request, error: str = "", name: str = "") -> HTMLResponse:
        template = templates().get_template("login.html.j2")
        query = link_query(request.url.query)
        html = template.render(title=title, query=query, error=error, name=name)
        return HTMLResponse(html, 403 if error else 200)

    @router.get("/login")
    def show_form(request: Request) -> HTMLResponse:
        return form(request)

    @router.post("/login")
    async def log_in(
        request: Request, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
    ) -> Response:
        address = request.client.host if request.client else ""
        try:
            token = await to_thread.run_sync(
                users.log_in, name, password, address, limiter=one_at_a_time
            )
        except LoginError as error:
            return form(request, str(error), name)
        response = RedirectResponse(f"/{link_query(request.url.query)}", 303)
        set_cookie(response, token, request.url.scheme == "https")
        return response

    @router.post("/logout")
    def log_out(request: Request) -> Response:
        users.log_out(request.cookies.get(COOKIE, ""))
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE)
        return response

    return router
