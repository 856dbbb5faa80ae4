using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using Webmail.MailCore;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Settings;
using Webmail.MailCore.Store;
using Webmail.Protocols;
using Webmail.Testing;
using Webmail.Web;

namespace Webmail.EndToEnd.Web;

[CollectionDefinition(Name)]
public sealed class WebCollection : ICollectionFixture<WebSite>
{
    public const string Name = "web";
}

/// <summary>
/// The real pages on a real port before a real PostgreSQL, and a real Chromium in front: shared by the web journeys. Each test makes users of its own.
/// </summary>
public sealed class WebSite : IAsyncLifetime
{
    public const string Password = "pass-word";
    public const string Domain = "example.test";

    /// <summary>Milliseconds until a test gives up: for machines that do other work beside, not a measure.</summary>
    internal const float Patience = 60_000;

    private readonly PostgresFixture _postgres = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("webmail-web").FullName;
    private WebApplication? _app;
    private readonly ConcurrentQueue<string> _errors = new();
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private int _users;

    public string Url { get; private set; } = "";

    public IServiceProvider Services => _app!.Services;

    /// <summary>What is open now: windows, and the circuits behind them.</summary>
    internal OpenCount Tabs { get; } = new();

    internal OpenCount Circuits { get; } = new();

    public async ValueTask InitializeAsync()
    {
        var settings = new WebmailSettings { Hostname = "mail.example.test", DataDirectory = _directory, ConnectionString = await _postgres.CreateDatabaseAsync() };
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "webmail", ContentRootPath = AppContext.BaseDirectory, EnvironmentName = "Production" });
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(new ErrorLog(_errors));
        builder.Services.AddMailCore(settings).AddProtocols().AddWebUi();
        builder.Services.AddScoped<CircuitHandler>(_ => new CountedCircuit(Circuits));
        builder.Services.Configure<CircuitOptions>(o => o.DisconnectedCircuitRetentionPeriod = TimeSpan.FromSeconds(1));
        _app = builder.Build();
        _app.MapWebUi();
        await Services.GetRequiredService<DomainAdmin>().AddAsync(Principal.LocalConsole, Domain, CancellationToken.None);
        await _app.StartAsync();
        Url = Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

        _playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(Patience);
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("WEBMAIL_TEST_CHROMIUM") ?? "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        await _postgres.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>A new user with a name of its own.</summary>
    public async Task<Principal> NewUserAsync(string name, bool isAdministrator = false)
    {
        var address = $"{name}{Interlocked.Increment(ref _users)}@{Domain}";
        var user = new NewUser(address, Password) { DisplayName = char.ToUpperInvariant(name[0]) + name[1..], IsAdministrator = isAdministrator };
        await Services.GetRequiredService<UserAdmin>().AddAsync(Principal.LocalConsole, user, CancellationToken.None);
        var facts = new ClientFacts(IPAddress.Loopback, "test", IsEncrypted: true);
        return (await Services.GetRequiredService<IAuthenticator>().LoginAsync(address, Password, facts, CancellationToken.None))!;
    }

    public AccountMail MailOf(Principal principal) => Services.GetRequiredService<IMailStore>().For(principal);

    /// <summary>A browser of its own, not signed in.</summary>
    public async Task<Tab> BrowserAsync(int width = 1440, int height = 900, bool isDark = false, string locale = "en-US", bool isPhone = false)
    {
        var context = await _browser!.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            Locale = locale,
            TimezoneId = "Asia/Shanghai",
            HasTouch = isPhone,
            IsMobile = isPhone,
            BaseURL = Url,
            AcceptDownloads = true,
        });
        context.SetDefaultTimeout(Patience);
        return new(this, context, await context.NewPageAsync());
    }

    /// <summary>A browser with the user's inbox before it.</summary>
    public async Task<Tab> SignedInAsync(Principal principal, int width = 1440, int height = 900, bool isDark = false, string locale = "en-US", bool isPhone = false)
    {
        var tab = await BrowserAsync(width, height, isDark, locale, isPhone);
        await tab.Page.GotoAsync("/signin");
        await tab.SignInAsync(principal.Address.ToString(), Password);
        await tab.AtAsync("**/mail/inbox");
        await tab.ReadyAsync();
        return tab;
    }

    /// <summary>Exceptions that a page or a circuit let through since the last call: they are the running test's.</summary>
    internal IReadOnlyList<string> TakeErrors()
    {
        var errors = new List<string>();
        while (_errors.TryDequeue(out var error))
            errors.Add(error);
        return errors;
    }

    /// <summary>Made and disposed with its circuit.</summary>
    private sealed class CountedCircuit : CircuitHandler, IDisposable
    {
        private readonly OpenCount _count;

        public CountedCircuit(OpenCount count)
        {
            _count = count;
            count.Came();
        }

        public void Dispose() => _count.Left();
    }

    private sealed class ErrorLog(ConcurrentQueue<string> errors) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is not null)
                errors.Enqueue($"{formatter(state, exception)} {exception}");
        }

        public void Dispose()
        {
        }
    }
}

/// <summary>How many of something are open.</summary>
internal sealed class OpenCount
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _none;
    private int _count;

    public void Came()
    {
        lock (_gate)
            _count++;
    }

    /// <summary>How many are left.</summary>
    public int Left()
    {
        lock (_gate)
        {
            if (--_count == 0)
                _none?.TrySetResult();
            return _count;
        }
    }

    /// <summary>Until none is open.</summary>
    public Task NoneAsync()
    {
        lock (_gate)
        {
            _none = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_count == 0)
                _none.SetResult();
            return _none.Task;
        }
    }
}

/// <summary>One browser window. Disposing it asserts that nothing went wrong unseen: no script error, no request to elsewhere, no exception in the server.</summary>
public sealed class Tab : IAsyncDisposable
{
    private readonly WebSite _site;
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _wrong = new();
    private volatile bool _isLeaving;

    internal Tab(WebSite site, IBrowserContext context, IPage page)
    {
        _site = site;
        _context = context;
        Page = page;
        site.Tabs.Came();
        page.PageError += (_, e) =>
        {
            // A page that is being left may find its connection closed.
            if (!_isLeaving)
                _wrong.Enqueue("script: " + e);
        };
        context.Request += (_, r) =>
        {
            if (!r.Url.StartsWith(site.Url, StringComparison.Ordinal) && r.Url.StartsWith("http", StringComparison.Ordinal))
                _wrong.Enqueue("request: " + r.Url);
        };
    }

    public IPage Page { get; }

    public ILocator Rows => Page.Locator(".row-link");

    public ILocator Frame(string selector) => Page.FrameLocator(".message-frame").Locator(selector);

    public ILocator Compose => Page.Locator(".compose[data-ready]");

    public async Task SignInAsync(string address, string password)
    {
        await Page.FillAsync("[name=address]", address);
        await Page.FillAsync("[name=password]", password);
        await Page.ClickAsync("main button[type=submit]");
    }

    /// <summary>Until the URL is one of a pattern, where ** stands for anything. Asks again and again: an event may have come before one listens.</summary>
    public Task AtAsync(string pattern) =>
        Assertions.Expect(Page).ToHaveURLAsync(new Regex("^" + Regex.Escape(pattern).Replace("\\*\\*", ".*", StringComparison.Ordinal).Replace("\\*", "[^/]*", StringComparison.Ordinal) + "$"));

    /// <summary>Until the circuit is there: mail.js has been attached by then.</summary>
    public Task ReadyAsync() => Page.WaitForSelectorAsync("[data-mail][data-live]");

    public async Task OpenAsync(string subject)
    {
        await Page.Locator(".row-link", new() { HasTextString = subject }).First.ClickAsync();
        await Page.Locator("#message-subject", new() { HasTextString = subject }).WaitForAsync();
        await Page.WaitForSelectorAsync(".message-frame.is-loaded");
    }

    /// <summary>No violation of WCAG that axe finds; the frame with the sender's own markup is left out.</summary>
    public async Task AssertAccessibleAsync(string where)
    {
        var result = await Page.RunAxe(new() { RunOnly = new() { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }, Iframes = false });
        var found = result.Violations.Select(v => $"{v.Id}: {v.Help}\n    {string.Join("\n    ", v.Nodes.Take(4).Select(n => n.Html))}");
        Assert.True(result.Violations.Length == 0, $"{where}\n{string.Join('\n', found)}");
    }

    public async ValueTask DisposeAsync()
    {
        // The page is left as people leave one, and the last window waits for the circuits' ends: their errors belong to this test and to no later one.
        _isLeaving = true;
        await Page.GotoAsync("about:blank");
        if (_site.Tabs.Left() == 0)
            await _site.Circuits.NoneAsync().WaitAsync(TimeSpan.FromMilliseconds(WebSite.Patience));
        await _context.DisposeAsync();
        string[] wrong = [.. _wrong, .. _site.TakeErrors()];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }
}
