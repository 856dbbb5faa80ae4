using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Webmail.MailCore;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Settings;
using Webmail.Protocols;
using Webmail.Protocols.Wire;
using Webmail.Testing;
using Webmail.Web.Api;

namespace Webmail.Web.Tests.Api;

/// <summary>The web half of the program in memory, on a database of its own: root (administrator), ann and bob of example.test.</summary>
internal sealed class ApiWorld : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _directory;

    private ApiWorld(WebApplication app, UnexpectedErrors errors, string directory)
    {
        _app = app;
        _directory = directory;
        Errors = errors;
    }

    public UnexpectedErrors Errors { get; }

    public static async Task<ApiWorld> StartAsync(PostgresFixture postgres, Func<LimitSettings, LimitSettings>? limits = null)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("webmail-api-").FullName;
        var settings = new WebmailSettings { Hostname = "mx.example.test", DataDirectory = directory, ConnectionString = await postgres.CreateDatabaseAsync() };
        settings = settings with { Limits = limits?.Invoke(settings.Limits) ?? settings.Limits };
        var errors = new UnexpectedErrors();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "webmail", ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders().AddProvider(errors).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddMailCore(settings).AddProtocols().AddWebUi().AddApi();
        builder.Services.AddSingleton(new ServerTls(() => TestCertificate.Context));
        var app = builder.Build();
        app.MapWebUi();
        app.MapApi();
        await app.StartAsync();
        var world = new ApiWorld(app, errors, directory);
        await app.Services.GetRequiredService<DomainAdmin>().AddAsync(Principal.LocalConsole, "example.test", CancellationToken.None);
        foreach (var name in (string[])["root", "ann", "bob"])
            await app.Services.GetRequiredService<UserAdmin>().AddAsync(Principal.LocalConsole, new($"{name}@example.test", "pass-word") { IsAdministrator = name == "root" }, CancellationToken.None);
        return world;
    }

    public HttpClient Anonymous(string scheme = "https")
    {
        var client = _app.GetTestClient();
        client.BaseAddress = new Uri($"{scheme}://localhost/");
        return client;
    }

    public HttpClient As(string name, string password = "pass-word")
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}@example.test:{password}")));
        return client;
    }

    /// <summary>With an access token.</summary>
    public HttpClient With(string token)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    public IServiceProvider Services => _app.Services;

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        System.IO.Directory.Delete(_directory, recursive: true);
    }
}

internal static class ApiCalls
{
    public static async Task<JsonElement> JsonAsync(this Task<HttpResponseMessage> call, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var response = await call;
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{(int)response.StatusCode}, not {(int)expected}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    /// <summary>A refusal is a problem with this status.</summary>
    public static async Task RefusedAsync(this Task<HttpResponseMessage> call, HttpStatusCode expected)
    {
        using var response = await call;
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{(int)response.StatusCode}, not {(int)expected}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal((int)expected, JsonDocument.Parse(text).RootElement.GetProperty("status").GetInt32());
    }

    public static Task<HttpResponseMessage> PostRawAsync(this HttpClient client, string url, string message)
    {
        var content = new ByteArrayContent(Encoding.Latin1.GetBytes(message));
        content.Headers.ContentType = new MediaTypeHeaderValue("message/rfc822");
        return client.PostAsync(new Uri(url, UriKind.Relative), content);
    }

    public static Task<HttpResponseMessage> Get(this HttpClient client, string url) => client.GetAsync(new Uri(url, UriKind.Relative));

    public static Task<HttpResponseMessage> Post(this HttpClient client, string url, object body) => client.PostAsJsonAsync(new Uri(url, UriKind.Relative), body);

    public static Task<HttpResponseMessage> Put(this HttpClient client, string url, object body) => client.PutAsJsonAsync(new Uri(url, UriKind.Relative), body);

    public static Task<HttpResponseMessage> Patch(this HttpClient client, string url, object body) => client.PatchAsJsonAsync(new Uri(url, UriKind.Relative), body);

    public static Task<HttpResponseMessage> Delete(this HttpClient client, string url) => client.DeleteAsync(new Uri(url, UriKind.Relative));
}
