using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.Testing;
using Webmail.Web.Api;

namespace Webmail.Web.Tests.Api;

public sealed class ApiTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string Message =
        "From: \"Li Si\" <lisi@elsewhere.test>\r\nTo: ann@example.test\r\nSubject: =?utf-8?B?5L2g5aW9?=\r\nDate: Mon, 7 Feb 1994 21:52:25 -0800\r\n"
        + "Message-ID: <1@elsewhere.test>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        + "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hello <script>alert(1)</script><img src=\"http://tracker.test/x.png\"></p>\r\n"
        + "--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--b--\r\n";

    [Fact]
    public async Task LogsInByNameAndPasswordOnly()
    {
        await using var world = await ApiWorld.StartAsync(postgres, l => l with { LoginFailures = 3 });
        var me = await world.As("ann").Get("/api/v1/me").JsonAsync();
        Assert.Equal("ann@example.test", me.GetProperty("address").GetString());
        await world.Anonymous().Get("/api/v1/me").RefusedAsync(HttpStatusCode.Unauthorized);
        await world.As("nobody").Get("/api/v1/me").RefusedAsync(HttpStatusCode.Unauthorized);
        await world.As("ann", "wrong-word").Get("/api/v1/mailboxes").RefusedAsync(HttpStatusCode.Unauthorized);
        await world.As("ann", "wrong-word2").Get("/api/v1/mailboxes").RefusedAsync(HttpStatusCode.Unauthorized);
        await world.As("ann", "wrong-word3").Get("/api/v1/mailboxes").RefusedAsync(HttpStatusCode.Unauthorized);
        await world.As("ann", "wrong-word4").Get("/api/v1/mailboxes").RefusedAsync(HttpStatusCode.TooManyRequests);
        await world.As("bob").Get("/api/v1/nothing").RefusedAsync(HttpStatusCode.NotFound);

        // In the clear, from no network that was named: the password is not even looked at.
        using var clear = world.Anonymous("http");
        clear.DefaultRequestHeaders.Authorization = world.As("bob").DefaultRequestHeaders.Authorization;
        await clear.Get("/api/v1/me").RefusedAsync(HttpStatusCode.Forbidden);
        Assert.Empty(world.Errors.All);
    }

    [Fact]
    public async Task LogsInByToken()
    {
        await using var world = await ApiWorld.StartAsync(postgres);
        var admin = world.Services.GetRequiredService<CredentialAdmin>();
        var (good, mail) = (
            await admin.AddTokenAsync(Principal.LocalConsole, "ann@example.test", "script", AccessScopes.Api, null, CancellationToken.None),
            await admin.AddTokenAsync(Principal.LocalConsole, "ann@example.test", "mail", AccessScopes.Mail, null, CancellationToken.None));
        Assert.Equal("ann@example.test", (await world.With(good.Secret).Get("/api/v1/me").JsonAsync()).GetProperty("address").GetString());
        await world.With(good.Secret).Post("/api/v1/mailboxes", new { name = "made" }).JsonAsync(HttpStatusCode.Created);
        await world.With(good.Secret).Get("/api/v1/admin/users").RefusedAsync(HttpStatusCode.Forbidden);
        await world.With(mail.Secret).Get("/api/v1/me").RefusedAsync(HttpStatusCode.Forbidden);
        await world.With("wmt_nonsense").Get("/api/v1/me").RefusedAsync(HttpStatusCode.Unauthorized);
        using (var refused = await world.With("wmt_nonsense").GetAsync(new Uri("/api/v1/me", UriKind.Relative)))
            Assert.Equal("Bearer realm=\"Webmail\", error=\"invalid_token\", scope=\"api\"", refused.Headers.WwwAuthenticate.ToString());
        await admin.RemoveAsync(Principal.LocalConsole, "ann@example.test", CredentialKind.AccessToken, good.Info.Id, CancellationToken.None);
        await world.With(good.Secret).Get("/api/v1/me").RefusedAsync(HttpStatusCode.Unauthorized);

        // An app password is for mail programs.
        var app = await admin.AddAppPasswordAsync(Principal.LocalConsole, "ann@example.test", "phone", CancellationToken.None);
        await world.As("ann", app.Secret).Get("/api/v1/me").RefusedAsync(HttpStatusCode.Unauthorized);
        Assert.Empty(world.Errors.All);
    }

    [Fact]
    public async Task MailboxesAreMadeRenamedAndDeleted()
    {
        await using var world = await ApiWorld.StartAsync(postgres);
        var ann = world.As("ann");
        var roles = (await ann.Get("/api/v1/mailboxes").JsonAsync()).EnumerateArray().Select(m => m.GetProperty("role").GetString()).Order(StringComparer.Ordinal);
        Assert.Equal(["archive", "drafts", "inbox", "junk", "sent", "trash"], roles);
        var made = await ann.Post("/api/v1/mailboxes", new { name = "Projekte/Größe" }).JsonAsync(HttpStatusCode.Created);
        var id = made.GetProperty("id").GetString();
        Assert.Equal("Projekte/Größe", made.GetProperty("name").GetString());
        await ann.Post("/api/v1/mailboxes", new { name = "Projekte/Größe" }).RefusedAsync(HttpStatusCode.Conflict);
        await ann.Post("/api/v1/mailboxes", new { name = "a//b" }).RefusedAsync(HttpStatusCode.UnprocessableEntity);
        await ann.Post("/api/v1/mailboxes", new { title = "x" }).RefusedAsync(HttpStatusCode.BadRequest);
        await ann.Post("/api/v1/mailboxes", new { }).RefusedAsync(HttpStatusCode.UnprocessableEntity);
        var renamed = await ann.Patch($"/api/v1/mailboxes/{id}", new { name = "Neu", isSubscribed = true }).JsonAsync();
        Assert.Equal(("Neu", true), (renamed.GetProperty("name").GetString(), renamed.GetProperty("isSubscribed").GetBoolean()));
        await world.As("bob").Get($"/api/v1/mailboxes/{id}").RefusedAsync(HttpStatusCode.NotFound);
        var byName = await ann.Patch("/api/v1/mailboxes/Neu", new { name = "Andere/Größe" }).JsonAsync();
        Assert.Equal((id, "Andere/Größe"), (byName.GetProperty("id").GetString(), byName.GetProperty("name").GetString()));
        Assert.Equal(id, (await ann.Get("/api/v1/mailboxes/Andere%2FGr%C3%B6%C3%9Fe").JsonAsync()).GetProperty("id").GetString());
        await ann.Get("/api/v1/mailboxes/Andere%2Fnone").RefusedAsync(HttpStatusCode.NotFound);
        await ann.Delete($"/api/v1/mailboxes/{id}").JsonAsync(HttpStatusCode.NoContent);
        await ann.Get($"/api/v1/mailboxes/{id}").RefusedAsync(HttpStatusCode.NotFound);
        Assert.Empty(world.Errors.All);
    }

    [Fact]
    public async Task AMessageIsStoredReadFlaggedMovedAndDeleted()
    {
        await using var world = await ApiWorld.StartAsync(postgres);
        var ann = world.As("ann");
        var inbox = await BoxAsync(ann, "inbox");
        var made = await ann.PostRawAsync($"/api/v1/messages?mailbox={inbox}&flags=%5CFlagged%20$Work", Message).JsonAsync(HttpStatusCode.Created);
        var id = made.GetProperty("id").GetString();
        Assert.Equal("你好", made.GetProperty("subject").GetString());
        Assert.Equal(["\\Flagged", "$Work"], Strings(made, "flags"));

        var message = await ann.Get($"/api/v1/messages/{id}").JsonAsync();
        Assert.Equal("Li Si", message.GetProperty("summary").GetProperty("from")[0].GetProperty("name").GetString());
        Assert.Contains("Hello", message.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("script", message.GetProperty("html").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"http://tracker.test", message.GetProperty("html").GetString(), StringComparison.Ordinal);
        var file = message.GetProperty("files")[0];
        Assert.Equal("a.pdf", file.GetProperty("name").GetString());
        Assert.Equal("%PDF", await ann.GetStringAsync(new Uri(file.GetProperty("url").GetString()!, UriKind.Relative)));
        Assert.Equal(Message, await ann.GetStringAsync(new Uri(message.GetProperty("source").GetString()!, UriKind.Relative)));
        await world.As("bob").Get($"/api/v1/messages/{id}").RefusedAsync(HttpStatusCode.NotFound);

        var changed = await ann.Patch($"/api/v1/messages/{id}", new { addFlags = (string[])["\\Seen"], removeFlags = (string[])["$Work"], mailbox = await BoxAsync(ann, "archive") }).JsonAsync();
        Assert.Equal(["\\Seen", "\\Flagged"], Strings(changed, "flags"));
        await ann.Get($"/api/v1/messages/{id}").RefusedAsync(HttpStatusCode.NotFound);
        await ann.Patch($"/api/v1/messages/{changed.GetProperty("id").GetString()}", new { addFlags = (string[])["\\Nonsense"] }).RefusedAsync(HttpStatusCode.UnprocessableEntity);

        await ann.Delete($"/api/v1/messages/{changed.GetProperty("id").GetString()}").JsonAsync(HttpStatusCode.NoContent);
        var trash = await ann.Get($"/api/v1/messages?mailbox={await BoxAsync(ann, "trash")}").JsonAsync();
        await ann.Delete($"/api/v1/messages/{trash.GetProperty("items")[0].GetProperty("id").GetString()}").JsonAsync(HttpStatusCode.NoContent);
        Assert.Equal(0, (await ann.Get($"/api/v1/messages?mailbox={await BoxAsync(ann, "trash")}").JsonAsync()).GetProperty("total").GetInt32());
        Assert.Empty(world.Errors.All);
    }

    [Fact]
    public async Task ListsNewestFirstPageByPageAndSearches()
    {
        await using var world = await ApiWorld.StartAsync(postgres);
        var ann = world.As("ann");
        var inbox = await BoxAsync(ann, "inbox");
        for (var i = 1; i <= 5; i++)
            await ann.PostRawAsync($"/api/v1/messages?mailbox={inbox}", Encoding.ASCII.GetString(MailWorld.SimpleMessage(i))).JsonAsync(HttpStatusCode.Created);
        var first = await ann.Get($"/api/v1/messages?mailbox={inbox}&limit=2").JsonAsync();
        Assert.Equal(["message 5", "message 4"], Subjects(first));
        Assert.Equal(5, first.GetProperty("total").GetInt32());
        var second = await ann.Get($"/api/v1/messages?mailbox={inbox}&limit=2&before={first.GetProperty("next")}").JsonAsync();
        Assert.Equal(["message 3", "message 2"], Subjects(second));
        var last = await ann.Get($"/api/v1/messages?mailbox={inbox}&limit=2&before={second.GetProperty("next")}").JsonAsync();
        Assert.Equal(["message 1"], Subjects(last));
        Assert.Equal(JsonValueKind.Null, last.GetProperty("next").ValueKind);
        Assert.Equal(["message 4"], Subjects(await ann.Get($"/api/v1/messages?mailbox={inbox}&search=subject:%22message%204%22").JsonAsync()));
        await ann.Get("/api/v1/messages").RefusedAsync(HttpStatusCode.BadRequest);
        Assert.Equal(5, (await ann.Get("/api/v1/messages?mailbox=inbox").JsonAsync()).GetProperty("total").GetInt32());
        await ann.Get("/api/v1/messages?mailbox=F99-1").RefusedAsync(HttpStatusCode.NotFound);
        await ann.Get("/api/v1/messages/nonsense").RefusedAsync(HttpStatusCode.NotFound);
        Assert.Empty(world.Errors.All);
    }

    [Fact]
    public async Task SendsAllOrNothing()
    {
        await using var world = await ApiWorld.StartAsync(postgres);
        var (ann, bob) = (world.As("ann"), world.As("bob"));
        var sent = await ann.Post("/api/v1/send", new
        {
            to = (string[])["Bob <bob@example.test>"],
            bcc = (string[])["root@example.test"],
            subject = "Grüße",
            text = "Hello",
            html = "<p>Hello<script>x</script></p>",
            files = (object[])[new { name = "a.txt", type = "text/plain", content = Convert.ToBase64String("abc"u8) }],
        }).JsonAsync();
        Assert.Equal(2, sent.GetProperty("recipients").GetArrayLength());
        var got = await ann.Get($"/api/v1/messages?mailbox={await BoxAsync(ann, "sent")}").JsonAsync();
        Assert.Equal(["Grüße"], Subjects(got));
        var inbox = await bob.Get($"/api/v1/messages?mailbox={await BoxAsync(bob, "inbox")}").JsonAsync();
        var message = await bob.Get($"/api/v1/messages/{inbox.GetProperty("items")[0].GetProperty("id").GetString()}").JsonAsync();
        Assert.Equal(0, message.GetProperty("bcc").GetArrayLength());
        Assert.Equal("a.txt", message.GetProperty("files")[0].GetProperty("name").GetString());

        await ann.Post("/api/v1/send", new { to = (string[])["bob@example.test", "nobody@example.test"], text = "x" }).RefusedAsync(HttpStatusCode.UnprocessableEntity);
        await ann.Post("/api/v1/send", new { from = "bob@example.test", to = (string[])["bob@example.test"], text = "x" }).RefusedAsync(HttpStatusCode.Forbidden);
        await ann.Post("/api/v1/send", new { to = (string[])["no address"], text = "x" }).RefusedAsync(HttpStatusCode.UnprocessableEntity);
        await ann.Post("/api/v1/send", new { text = "x" }).RefusedAsync(HttpStatusCode.UnprocessableEntity);
        await ann.Post("/api/v1/send", new { to = (string[])["bob@example.test"], subject = "a\r\nBcc: x@y.test", text = "x" }).RefusedAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(1, (await bob.Get($"/api/v1/messages?mailbox={await BoxAsync(bob, "inbox")}").JsonAsync()).GetProperty("total").GetInt32());
        Assert.Empty(world.Errors.All);
    }

    [Fact]
    public async Task AdministratorsAdminister()
    {
        await using var world = await ApiWorld.StartAsync(postgres);
        var root = world.As("root");
        foreach (var resource in (string[])["users", "domains", "aliases"])
            await world.As("ann").Get($"/api/v1/admin/{resource}").RefusedAsync(HttpStatusCode.Forbidden);
        await root.Post("/api/v1/admin/domains", new { name = "bücher.test" }).JsonAsync(HttpStatusCode.Created);
        await root.Post("/api/v1/admin/domains", new { }).RefusedAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(2, (await root.Get("/api/v1/admin/domains").JsonAsync()).GetArrayLength());
        var made = await root.Post("/api/v1/admin/users", new { address = "carl@bücher.test" }).JsonAsync(HttpStatusCode.Created);
        Assert.Equal(19, made.GetProperty("password").GetString()!.Length);
        var user = await root.Patch("/api/v1/admin/users/ann@example.test", new { displayName = "Ann", quotaBytes = 1000, messageLimit = 20, isDisabled = true }).JsonAsync();
        Assert.Equal(("Ann", 1000, true), (user.GetProperty("displayName").GetString(), user.GetProperty("quotaBytes").GetInt64(), user.GetProperty("isDisabled").GetBoolean()));
        user = await root.Patch("/api/v1/admin/users/ann@example.test", new { quotaBytes = 0 }).JsonAsync();
        Assert.Equal((JsonValueKind.Null, 20), (user.GetProperty("quotaBytes").ValueKind, user.GetProperty("messageLimit").GetInt32()));
        await root.Patch("/api/v1/admin/users/ann@example.test", new { messageLimit = -1 }).RefusedAsync(HttpStatusCode.UnprocessableEntity);
        await world.As("ann").Get("/api/v1/me").RefusedAsync(HttpStatusCode.Unauthorized);
        await root.Patch("/api/v1/admin/users/root@example.test", new { isAdministrator = false }).RefusedAsync(HttpStatusCode.Conflict);
        await root.Post("/api/v1/admin/aliases", new { address = "info@example.test", targets = (string[])["bob@example.test"] }).JsonAsync(HttpStatusCode.Created);
        await root.Put("/api/v1/admin/aliases/info@example.test", new { targets = (string[])["info@example.test"] }).RefusedAsync(HttpStatusCode.UnprocessableEntity);
        await root.Put("/api/v1/admin/aliases/info@example.test", new { }).RefusedAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal("info@example.test", (await root.Get("/api/v1/admin/aliases").JsonAsync()).GetProperty("items")[0].GetProperty("address").GetString());
        await root.Delete("/api/v1/admin/domains/bücher.test").RefusedAsync(HttpStatusCode.Conflict);
        await root.Delete("/api/v1/admin/domains/bücher.test?withUsers=true").JsonAsync(HttpStatusCode.NoContent);
        await root.Delete("/api/v1/admin/users/bob@example.test").JsonAsync(HttpStatusCode.NoContent);
        Assert.Equal(0, (await root.Get("/api/v1/admin/aliases").JsonAsync()).GetProperty("items").GetArrayLength());
        Assert.Empty(world.Errors.All);
    }

    [Fact]
    public async Task DescribesItself()
    {
        await using var world = await ApiWorld.StartAsync(postgres);
        var document = await world.Anonymous().Get("/api/openapi/v1.json").JsonAsync();
        var paths = document.GetProperty("paths");
        foreach (var path in (string[])["/api/v1/messages", "/api/v1/messages/{id}", "/api/v1/mailboxes", "/api/v1/send", "/api/v1/admin/users", "/api/v1/admin/domains", "/api/v1/admin/aliases/{address}"])
            Assert.True(paths.TryGetProperty(path, out _) || paths.TryGetProperty(path + "/", out _), path);
        using var page = await world.Anonymous().Get("/api/docs/");
        var html = await page.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.DoesNotContain("src=\"http", html, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self'", string.Join(' ', page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Fact]
    public void EveryRefusalHasItsStatus() => Assert.All(Enum.GetValues<MailError>(), error => Assert.InRange(ApiErrors.StatusOf(error), 400, 511));

    [Fact]
    public void NoRefusalIsAnInternalError() => Assert.DoesNotContain(500, Enum.GetValues<MailError>().Select(ApiErrors.StatusOf));

    private static async Task<string> BoxAsync(HttpClient client, string role) =>
        (await client.Get("/api/v1/mailboxes").JsonAsync()).EnumerateArray().Single(m => m.GetProperty("role").GetString() == role).GetProperty("id").GetString()!;

    private static IEnumerable<string?> Strings(JsonElement element, string name) => element.GetProperty(name).EnumerateArray().Select(e => e.GetString());

    private static IEnumerable<string?> Subjects(JsonElement page) => page.GetProperty("items").EnumerateArray().Select(m => m.GetProperty("subject").GetString());
}
