using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Web.SignIn;

namespace Webmail.Web.Live;

/// <summary>
/// Who sits before a circuit. Asks again whether the principal is still good whenever the feed says that the account changed, and every 30 seconds;
/// when it isn't, the circuit's user becomes nobody and the page leaves for the sign-in form.
/// </summary>
internal sealed class CircuitUser : ServerAuthenticationStateProvider, IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly IMailStore _store;
    private readonly IAuthenticator _authenticator;
    private readonly Lifetime _life = new();
    private readonly ChangeSignal _changed = new();
    private bool _isWatching;

    public CircuitUser(IMailStore store, IAuthenticator authenticator)
    {
        _store = store;
        _authenticator = authenticator;
        AuthenticationStateChanged += state => _ = BeginAsync(state);
    }

    /// <summary>What the sign-in form will say when this user is no longer good: "ended", or "changed" while one changes one's own password.</summary>
    public string Why { get; set; } = "ended";

    /// <summary>Asks now, not when the feed says so.</summary>
    public void LookAgain() => _changed.Set();

    public void Dispose() => _life.Dispose();

    private async Task BeginAsync(Task<AuthenticationState> state)
    {
        if (_isWatching || (await state).User.ToPrincipal() is not { } principal)
            return;
        _isWatching = true;
        using var watch = _store.For(principal).Changes.WatchAccount(principal, _changed.Set);
        try
        {
            do
                await _changed.WaitAsync(Period, _life.Token);
            while (await IsStillGoodAsync(principal));
            SetAuthenticationState(Task.FromResult(new AuthenticationState(PrincipalClaims.Nobody)));
        }
        catch (OperationCanceledException)
        {
            // The circuit ended.
        }
    }

    /// <summary>A directory that can't be reached ends nobody's session; each request asks it anyway.</summary>
    private async ValueTask<bool> IsStillGoodAsync(Principal principal)
    {
        try
        {
            return await _authenticator.IsCurrentAsync(principal, _life.Token);
        }
        catch (MailException)
        {
            return true;
        }
    }
}
